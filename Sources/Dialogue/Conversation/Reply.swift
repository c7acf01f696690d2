package import Wire

/// An answer in no protocol's words.
package struct Reply {
  package enum Part {
    case text(Text, citations: [Citation])
    case refusal(Text)
    case reasoning(Text, ReplyProof)
    case call(ToolCall)
  }

  package var parts: [Part] = []
  package var stop = StopReason.endTurn
  package var usage: Usage?
  package var serviceTier: ServiceTier?
  package var losses = Losses()
  /// For clients of the same protocol only, as the upstream spelled them.
  var logprobs: JSONValue?
  var details: JSONValue?
  var thoughtName: StaticString = "reasoning_content"

  package init() {}

  var hasCalls: Bool { self.parts.contains { if case .call = $0 { true } else { false } } }

  /// All that the model has written.
  var plainText: [UInt8] {
    var bytes: [UInt8] = []
    for part in self.parts {
      switch part {
      case .text(let text, _), .refusal(let text), .reasoning(let text, _): text.appendPlain(to: &bytes)
      case .call(let call):
        bytes += call.name.utf8
        call.arguments.text.appendPlain(to: &bytes)
      }
    }
    return bytes
  }
}

/// What lets reasoning return to its origin.
package enum ReplyProof {
  case none
  /// Anthropic's signature; only its own upstream takes it.
  case signature(Text)
  /// Anthropic's redacted thinking, without a text.
  case redacted(Text)
  /// The payload of an envelope of ours.
  case envelope([UInt8])

  /// The block of a Messages upstream that holds this thought; nothing for what others made.
  static func write(_ proof: ReplyProof, _ text: Text, to writer: inout JSONWriter) {
    let (type, member, data): (StaticString, StaticString, Text)
    switch proof {
    case .none, .envelope: return
    case .signature(let signature): (type, member, data) = ("thinking", "signature", signature)
    case .redacted(let sealed): (type, member, data) = ("redacted_thinking", "data", sealed)
    }
    writer.beginObject()
    writer.key("type")
    writer.string(plain: type)
    if proof.isSignature {
      writer.key("thinking")
      text.writeString(to: &writer)
    }
    writer.key(member)
    data.writeString(to: &writer)
    writer.endObject()
  }

  var isSignature: Bool { if case .signature = self { true } else { false } }
}

/// The class of service an answer was made in, as far as two protocols know it.
package enum ServiceTier: Sendable {
  case standard
  case priority

  init?(messages word: String) {
    switch word {
    case "standard": self = .standard
    case "priority": self = .priority
    default: return nil
    }
  }

  init?(chat word: String) {
    switch word {
    case "default", "flex", "scale", "fast": self = .standard
    case "priority": self = .priority
    default: return nil
    }
  }

  var messagesWord: StaticString {
    switch self {
    case .standard: "standard"
    case .priority: "priority"
    }
  }

  var chatWord: StaticString {
    switch self {
    case .standard: "default"
    case .priority: "priority"
    }
  }
}

/// A source on the web that a text rests on.
package struct Citation {
  package let url: Text
  package let title: Text?
}

/// Why an answer ends.
package enum StopReason {
  case endTurn
  case toolUse
  case maxTokens
  case contextWindow
  case stopSequence(String?)
  case refusal(explanation: Text?)
}

/// Tokens, counted as Anthropic does: input excludes what caches gave or took.
package struct Usage: Equatable, Sendable {
  package var input = 0
  package var cacheRead = 0
  package var cacheWrite = 0
  package var output = 0
  package var reasoning: Int?

  package init() {}

  /// Sums of numbers from outside stop at the largest integer.
  static func sum(_ numbers: Int...) -> Int {
    numbers.reduce(0) { total, number in
      let (sum, overflow) = total.addingReportingOverflow(max(0, number))
      return overflow ? Int.max : sum
    }
  }

  var prompt: Int { Self.sum(self.input, self.cacheRead, self.cacheWrite) }
}

/// One step of an answer as it comes.
package enum ReplyEvent {
  /// The upstream has begun to answer.
  case begin
  case text(Text)
  case refusal(Text)
  case reasoning(Text)
  /// The reasoning so far is whole.
  case reasoningEnd(ReplyProof)
  /// Calls are numbered from 0 in the order they begin; an empty id is for the writer to make.
  case callBegin(Int, id: String, name: String)
  /// `isComplete`: all fragments so far are one whole JSON value.
  case arguments(Int, Text, isComplete: Bool)
  case callEnd(Int)
  /// A member of a vendor on a call, kept for clients of the same protocol.
  case callExtra(Int, name: Text, JSONValue)
  /// A member of a vendor on a delta, for clients of the same protocol.
  case extra(name: StaticString, JSONValue)
  /// How likely the tokens of the text were that comes next, for clients of the same protocol.
  case logprobs(JSONValue)
  /// The text that ended just now rests on this; positions in code points.
  case citation(Citation, start: Int, end: Int)
  case finish(StopReason, Usage?)
  indirect case failure(Failure)
  case ping
}

extension Reply {
  /// The events of an answer that came whole.
  func events(for client: Dialect) -> [ReplyEvent] {
    var events: [ReplyEvent] = [.begin]
    var calls = 0
    var position = 0
    if let details = self.details { events.append(.extra(name: "reasoning_details", details)) }
    if let logprobs = self.logprobs { events.append(.logprobs(logprobs)) }
    for part in self.parts {
      switch part {
      case .text(let text, let citations):
        events.append(.text(text))
        let end = position + TextLength.scalars(text)
        events += citations.map { .citation($0, start: position, end: end) }
        position = end
      case .refusal(let text): events.append(.refusal(text))
      case .reasoning(let text, let proof):
        if !text.isEmpty { events.append(.reasoning(text)) }
        events.append(.reasoningEnd(proof))
      case .call(let call):
        events.append(.callBegin(calls, id: call.id, name: call.name))
        let text = client == .messages ? call.arguments.objectText : call.arguments.text
        if !text.isEmpty { events.append(.arguments(calls, text, isComplete: true)) }
        events.append(.callEnd(calls))
        calls += 1
      }
    }
    events.append(.finish(self.stop, self.usage))
    return events
  }
}

extension Arguments {
  /// The same for a protocol that takes objects only (matrix B-C2A-5); empty for nothing.
  var objectText: Text {
    if self.text.isBlank { return Text(literal: "") }
    var writer = JSONWriter()
    var scratch = JSONScratch()
    self.writeObject(to: &writer, &scratch)
    var bytes: [UInt8] = []
    let object = writer.takeBytes()
    JSONText.escape(object.span, to: &bytes)
    return Text(escaped: bytes)
  }

  /// The arguments as the content of a JSON string.
  var text: Text {
    switch self {
    case .text(let text), .free(let text): return text
    case .object(let value):
      var bytes: [UInt8] = []
      let source = value.document.bytes
      JSONCompaction.appendEscaped(source.span.extracting(value.slice.range), to: &bytes)
      return Text(escaped: bytes)
    }
  }
}

/// Puts a streamed answer together for a client that wants it whole.
struct ReplyCollector {
  private enum Open {
    case nothing
    case text
    case refusal
    case reasoning
  }

  private(set) var reply = Reply()
  private(set) var failure: Failure?
  private(set) var isFinished = false
  private var open = Open.nothing
  private var buffer: [UInt8] = []
  private var calls: [(id: String, name: String, arguments: [UInt8], place: Int)] = []

  mutating func take(_ event: ReplyEvent) {
    switch event {
    case .begin, .ping, .callEnd, .callExtra, .extra, .logprobs: break
    case .text(let text): self.append(text, .text)
    case .refusal(let text): self.append(text, .refusal)
    case .reasoning(let text): self.append(text, .reasoning)
    case .reasoningEnd(let proof): self.close(proof)
    case .callBegin(_, let id, let name):
      self.close()
      self.calls.append((id, name, [], self.reply.parts.count))
      self.reply.parts.append(
        .call(ToolCall(id: id, name: name, arguments: .text(Text(literal: "")), value: nil)))
    case .arguments(let number, let text, _):
      guard self.calls.indices.contains(number) else { return }
      text.appendEscaped(to: &self.calls[number].arguments)
    case .citation(let citation, _, _):
      self.close()
      guard case .text(let text, let citations)? = self.reply.parts.last else { return }
      self.reply.parts[self.reply.parts.count - 1] = .text(text, citations: citations + [citation])
    case .finish(let stop, let usage):
      self.close()
      for call in self.calls {
        self.reply.parts[call.place] = .call(
          ToolCall(id: call.id, name: call.name, arguments: .text(Text(escaped: call.arguments)), value: nil))
      }
      self.reply.stop = stop
      self.reply.usage = usage
      self.isFinished = true
    case .failure(let failure): self.failure = failure
    }
  }

  private mutating func append(_ text: Text, _ kind: Open) {
    if self.open != kind { self.close() }
    self.open = kind
    text.appendEscaped(to: &self.buffer)
  }

  private mutating func close(_ proof: ReplyProof = .none) {
    let text = Text(escaped: self.buffer)
    switch self.open {
    case .nothing:
      switch proof {
      case .redacted, .envelope: self.reply.parts.append(.reasoning(Text(literal: ""), proof))
      case .none, .signature: break
      }
    case .text: self.reply.parts.append(.text(text, citations: []))
    case .refusal: self.reply.parts.append(.refusal(text))
    case .reasoning: self.reply.parts.append(.reasoning(text, proof))
    }
    self.open = .nothing
    self.buffer = []
  }
}
