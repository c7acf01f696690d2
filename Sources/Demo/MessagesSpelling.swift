internal import Wire

/// Spells a script in the protocol of `/v1/messages`.
internal struct MessagesSpelling: Sendable {
  private static let signature: StaticString = "ZGVtby1zaWduYXR1cmU="

  private var script: DemoScript

  init(_ script: DemoScript) {
    self.script = script
  }

  mutating func next() -> DemoStep? {
    guard let event = self.script.next() else { return nil }
    var writer = EventWriter()
    switch event {
    case .step(let step): return step
    case .began: self.begin(&writer)
    case .opened(let part, let kind): self.open(part, kind, &writer)
    case .piece(let part, let kind, let text): Self.piece(part, kind, text, &writer)
    case .closed(let part, let kind): Self.close(part, kind, &writer)
    case .stopped: self.stop(&writer)
    case .failed:
      writer.begin(event: "error")
      DemoFailure(529, "You asked for this failure.")
        .write(to: &writer.json, speaker: .messages, serial: self.script.serial)
      writer.end()
    }
    return .bytes(writer.bytes)
  }

  private func begin(_ writer: inout EventWriter) {
    Self.event("message_start", &writer) { json in
      json.key("message")
      self.message(&json, content: { _ in }, reason: nil, outputTokens: 1)
    }
  }

  private func open(_ part: Int, _ kind: DemoScript.Kind, _ writer: inout EventWriter) {
    Self.event("content_block_start", &writer) { json in
      json.key("index")
      json.integer(part)
      json.key("content_block")
      json.beginObject()
      self.block(kind, "", &json)
      json.endObject()
    }
    // Where the real one sends its first.
    if part == 0 { Self.event("ping", &writer) { _ in } }
  }

  private static func piece(_ part: Int, _ kind: DemoScript.Kind, _ text: String, _ writer: inout EventWriter)
  {
    switch kind {
    case .thinking: self.delta(part, "thinking_delta", "thinking", &writer) { $0.string(text) }
    case .text: self.delta(part, "text_delta", "text", &writer) { $0.string(text) }
    case .tool: self.delta(part, "input_json_delta", "partial_json", &writer) { $0.string(text) }
    }
  }

  private static func close(_ part: Int, _ kind: DemoScript.Kind, _ writer: inout EventWriter) {
    if kind == .thinking {
      self.delta(part, "signature_delta", "signature", &writer) { $0.string(plain: Self.signature) }
    }
    self.event("content_block_stop", &writer) { json in
      json.key("index")
      json.integer(part)
    }
  }

  private func stop(_ writer: inout EventWriter) {
    Self.event("message_delta", &writer) { json in
      json.key("delta")
      json.beginObject()
      json.key("stop_reason")
      json.string(plain: self.reason)
      json.key("stop_sequence")
      json.null()
      json.endObject()
      json.key("usage")
      self.usage(&json, outputTokens: self.script.outputTokens)
    }
    Self.event("message_stop", &writer) { _ in }
  }

  /// The whole answer as one document.
  func document() -> [UInt8] {
    var json = JSONWriter()
    let content = { (json: inout JSONWriter) in
      for part in self.script.parts {
        json.beginObject()
        self.block(part.kind, part.pieces.joined, &json)
        json.endObject()
      }
    }
    self.message(&json, content: content, reason: self.reason, outputTokens: self.script.allTokens)
    return json.bytes
  }

  private var reason: StaticString {
    switch self.script.stopReason {
    case .finished: "end_turn"
    case .tool: "tool_use"
    case .tokenLimit: "max_tokens"
    }
  }

  private func message(
    _ json: inout JSONWriter, content: (inout JSONWriter) -> Void, reason: StaticString?, outputTokens: Int
  ) {
    json.beginObject()
    json.key("id")
    json.string("msg_demo_\(self.script.serial)")
    json.key("type")
    json.string(plain: "message")
    json.key("role")
    json.string(plain: "assistant")
    json.key("model")
    json.string(self.script.request.model)
    json.key("content")
    json.beginArray()
    content(&json)
    json.endArray()
    json.key("stop_reason")
    if let reason { json.string(plain: reason) } else { json.null() }
    json.key("stop_sequence")
    json.null()
    json.key("usage")
    self.usage(&json, outputTokens: outputTokens)
    json.endObject()
  }

  private func usage(_ json: inout JSONWriter, outputTokens: Int) {
    json.beginObject()
    json.key("input_tokens")
    json.integer(self.script.request.inputTokens)
    json.key("cache_creation_input_tokens")
    json.integer(0)
    json.key("cache_read_input_tokens")
    json.integer(0)
    json.key("output_tokens")
    json.integer(outputTokens)
    json.endObject()
  }

  /// The members of a block; with no content those it is opened with.
  private func block(_ kind: DemoScript.Kind, _ content: String, _ json: inout JSONWriter) {
    json.key("type")
    switch kind {
    case .thinking:
      json.string(plain: "thinking")
      json.key("thinking")
      json.string(content)
      json.key("signature")
      json.string(plain: content.isEmpty ? "" : Self.signature)
    case .text:
      json.string(plain: "text")
      json.key("text")
      json.string(content)
    case .tool:
      json.string(plain: "tool_use")
      json.key("id")
      json.string("toolu_demo_\(self.script.serial)")
      json.key("name")
      json.string(self.script.request.toolName)
      json.key("input")
      let input = content.isEmpty ? "{}" : content
      json.raw(input.utf8Span.span)
    }
  }

  private static func delta(
    _ part: Int, _ type: StaticString, _ member: StaticString, _ writer: inout EventWriter,
    _ value: (inout JSONWriter) -> Void
  ) {
    self.event("content_block_delta", &writer) { json in
      json.key("index")
      json.integer(part)
      json.key("delta")
      json.beginObject()
      json.key("type")
      json.string(plain: type)
      json.key(member)
      value(&json)
      json.endObject()
    }
  }

  private static func event(
    _ name: StaticString, _ writer: inout EventWriter, _ members: (inout JSONWriter) -> Void
  ) {
    writer.begin(event: name)
    writer.json.beginObject()
    writer.json.key("type")
    writer.json.string(plain: name)
    members(&writer.json)
    writer.json.endObject()
    writer.end()
  }
}
