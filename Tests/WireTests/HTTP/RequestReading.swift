@testable import Wire

/// Reads requests as a host does and writes down what it saw, one line a fact.
struct RequestReading {
  static let bodyLimit = 65536

  private(set) var transcript: [String] = []
  private var parser = RequestParser()
  private var decoder: BodyDecoder?
  private var body: [UInt8] = []
  private var queue = ByteQueue()
  private var isOver = false

  /// What is seen when the bytes come in those pieces and nothing follows.
  static func transcript(of pieces: [ArraySlice<UInt8>]) -> String {
    var reading = RequestReading()
    for piece in pieces { reading.feed(piece) }
    reading.end()
    return reading.transcript.joined(separator: "\n") + "\n"
  }

  mutating func feed(_ piece: ArraySlice<UInt8>) {
    self.queue.append(Array(piece))
    while !self.isOver, self.step() {}
  }

  /// Whether there may be more to see.
  private mutating func step() -> Bool {
    if self.decoder != nil { return self.stepInBody() }
    switch self.parser.advance(&self.queue) {
    case .needsMore:
      return false
    case .refused(let fault):
      self.refuse(fault)
      return false
    case .head(let head):
      self.note(head)
      self.decoder = BodyDecoder(framing: head.framing, limit: Self.bodyLimit)
      return true
    }
  }

  private mutating func stepInBody() -> Bool {
    guard let progress = self.decoder?.advance(&self.queue, into: &self.body) else { return false }
    switch progress {
    case .needsMore:
      return false
    case .refused(let fault):
      self.refuse(fault)
      return false
    case .complete:
      self.transcript.append("body \(Self.spelled(self.body))")
      self.body = []
      self.decoder = nil
      return true
    }
  }

  private mutating func refuse(_ fault: RequestFault) {
    self.transcript.append("refused \(fault.status) \(fault.reason)")
    self.isOver = true
  }

  mutating func end() {
    if self.isOver { return }
    if self.decoder != nil {
      self.transcript.append("incomplete body, \(self.body.count) bytes so far")
    } else if self.parser.isInRequest || !self.queue.isEmpty {
      self.transcript.append("incomplete head")
    }
  }

  private mutating func note(_ head: RequestHead) {
    self.transcript.append("\(head.method) \(Self.shortened(head.target)) HTTP/1.\(head.minorVersion)")
    self.transcript.append("path \(Self.shortened(head.path))")
    if let query = head.query { self.transcript.append("query \(query)") }
    self.transcript.append("authority \(head.authority ?? "none")")
    head.fields.forEach { name, value in
      self.transcript.append(
        "field \(HTTPBytes.string(name)): \(Self.spelled((0..<value.count).map { value[$0] }))")
    }
    self.transcript.append("framing \(head.framing)")
    self.transcript.append(head.keepsAlive ? "keeps alive" : "closes")
    if head.expectsContinue { self.transcript.append("expects 100-continue") }
  }

  private static func shortened(_ text: String) -> String {
    text.count <= 100 ? text : "\(text.prefix(20))... \(text.utf8.count) bytes"
  }

  private static func spelled(_ bytes: [UInt8]) -> String {
    if bytes.count > 100 { return "\(bytes.count) bytes" }
    let text = bytes.flatMap {
      (0x20...0x7E).contains($0) ? String(UnicodeScalar($0)) : "<\(String($0, radix: 16))>"
    }
    return "\"\(String(text))\""
  }
}
