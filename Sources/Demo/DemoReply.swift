package import Wire

/// One thing the host does for a demo reply.
package enum DemoStep: Equatable, Sendable {
  case bytes([UInt8])
  case pause(milliseconds: Int)
  /// Silence until the client goes.
  case stall
  /// The connection is closed without the end of the body.
  case breakOff
}

/// A reply as a script: what comes before the head, the head, and the steps of the body.
package struct DemoReply: Sendable {
  /// Played before the head is sent; holds no bytes.
  package var overture: [DemoStep] = []
  package var status: Int
  package var fields: HeaderFields
  /// For `content-length`; nil for a stream, which is sent in chunks.
  package var length: Int?
  package var steps: DemoSteps

  internal init(status: Int, speaker: DemoSpeaker, serial: Int) {
    self.status = status
    self.fields = HeaderFields()
    self.steps = DemoSteps([])
    switch speaker {
    case .messages: self.fields.append(name: "request-id", value: "req_demo_\(serial)")
    case .chat: self.fields.append(name: "x-request-id", value: "req_demo_\(serial)")
    }
  }

  internal init(status: Int, speaker: DemoSpeaker, serial: Int, json: [UInt8]) {
    self.init(status: status, speaker: speaker, serial: serial)
    self.fields.append(name: "content-type", value: "application/json")
    self.length = json.count
    self.steps = DemoSteps([.bytes(json)])
  }
}

/// The steps of one body, made when they are asked for: a stream of any length costs no memory up front.
package struct DemoSteps: Sendable, IteratorProtocol {
  private enum Source: Sendable {
    case ready([DemoStep])
    case messages(MessagesSpelling)
    case chat(ChatSpelling)
  }

  /// Events that no pause separates are handed over together up to about this size.
  private static let batchBytes = 16 * 1024

  private var source: Source
  private var waiting: DemoStep?
  private var position = 0

  internal init(_ steps: [DemoStep]) {
    self.source = .ready(steps)
  }

  internal init(streaming script: DemoScript) {
    switch script.request.speaker {
    case .messages: self.source = .messages(MessagesSpelling(script))
    case .chat: self.source = .chat(ChatSpelling(script))
    }
  }

  /// The next step; nil once the body is complete.
  package mutating func next() -> DemoStep? {
    if let step = self.waiting {
      self.waiting = nil
      return step
    }
    var batch: [UInt8] = []
    while let step = self.nextSingle() {
      guard case .bytes(let bytes) = step else {
        if batch.isEmpty { return step }
        self.waiting = step
        break
      }
      batch.append(contentsOf: bytes)
      if batch.count >= Self.batchBytes { break }
    }
    return batch.isEmpty ? nil : .bytes(batch)
  }

  private mutating func nextSingle() -> DemoStep? {
    switch self.source {
    case .ready(let steps):
      guard self.position < steps.count else { return nil }
      self.position += 1
      return steps[self.position - 1]
    case .messages(var spelling):
      let step = spelling.next()
      self.source = .messages(spelling)
      return step
    case .chat(var spelling):
      let step = spelling.next()
      self.source = .chat(spelling)
      return step
    }
  }
}
