internal import Wire

/// Spells a script in the protocol of `/v1/chat/completions`.
internal struct ChatSpelling: Sendable {
  private var script: DemoScript

  init(_ script: DemoScript) {
    self.script = script
  }

  mutating func next() -> DemoStep? {
    guard let event = self.script.next() else { return nil }
    var writer = EventWriter()
    switch event {
    case .step(let step):
      return step
    case .began:
      self.chunk(&writer) { json in
        json.key("role")
        json.string(plain: "assistant")
        json.key("content")
        json.string(plain: "")
      }
    case .opened(_, .tool):
      self.chunk(&writer) { self.call("", isFirst: true, &$0) }
    case .opened, .closed:
      // Nothing marks these here.
      return self.next()
    case .piece(_, let kind, let text):
      self.chunk(&writer) { self.piece(kind, text, &$0) }
    case .stopped:
      self.stop(&writer)
    case .failed:
      writer.begin()
      DemoFailure(503, "You asked for this failure.")
        .write(to: &writer.json, speaker: .chat, serial: self.script.serial)
      writer.end()
    }
    return .bytes(writer.bytes)
  }

  private func piece(_ kind: DemoScript.Kind, _ text: String, _ json: inout JSONWriter) {
    switch kind {
    case .thinking:
      json.key("reasoning_content")
      json.string(text)
    case .text:
      json.key("content")
      json.string(text)
    case .tool:
      self.call(text, isFirst: false, &json)
    }
  }

  private func stop(_ writer: inout EventWriter) {
    self.chunk(&writer, reason: self.reason) { _ in }
    if self.script.request.includesUsage {
      writer.begin()
      self.envelope("chat.completion.chunk", &writer.json) { json in
        json.key("choices")
        json.beginArray()
        json.endArray()
        json.key("usage")
        self.usage(&json, outputTokens: self.script.outputTokens)
      }
      writer.end()
    }
    writer.event(data: "[DONE]")
  }

  /// The whole answer as one document.
  func document() -> [UInt8] {
    var json = JSONWriter()
    self.envelope("chat.completion", &json) { json in
      json.key("choices")
      json.beginArray()
      self.choice(&json, "message", reason: self.reason) { self.message(&$0) }
      json.endArray()
      json.key("usage")
      self.usage(&json, outputTokens: self.script.allTokens)
    }
    return json.bytes
  }

  private func message(_ json: inout JSONWriter) {
    let texts = self.script.parts.filter { $0.kind == .text }
    json.key("role")
    json.string(plain: "assistant")
    json.key("content")
    if texts.isEmpty { json.null() } else { json.string(texts.map(\.pieces.joined).joined()) }
    json.key("refusal")
    json.null()
    for part in self.script.parts {
      switch part.kind {
      case .thinking:
        json.key("reasoning_content")
        json.string(part.pieces.joined)
      case .tool:
        self.call(part.pieces.joined, isFirst: true, isIndexed: false, &json)
      case .text:
        break
      }
    }
  }

  private var reason: StaticString {
    switch self.script.stopReason {
    case .finished: "stop"
    case .tool: "tool_calls"
    case .tokenLimit: "length"
    }
  }

  private func call(_ arguments: String, isFirst: Bool, isIndexed: Bool = true, _ json: inout JSONWriter) {
    json.key("tool_calls")
    json.beginArray()
    json.beginObject()
    if isIndexed {
      json.key("index")
      json.integer(0)
    }
    if isFirst {
      json.key("id")
      json.string("call_demo_\(self.script.serial)")
      json.key("type")
      json.string(plain: "function")
    }
    json.key("function")
    json.beginObject()
    if isFirst {
      json.key("name")
      json.string(self.script.request.toolName)
    }
    json.key("arguments")
    json.string(arguments)
    json.endObject()
    json.endObject()
    json.endArray()
  }

  private func chunk(
    _ writer: inout EventWriter, reason: StaticString? = nil, _ delta: (inout JSONWriter) -> Void
  ) {
    writer.begin()
    self.envelope("chat.completion.chunk", &writer.json) { json in
      json.key("choices")
      json.beginArray()
      self.choice(&json, "delta", reason: reason, delta)
      json.endArray()
      if self.script.request.includesUsage {
        json.key("usage")
        json.null()
      }
    }
    writer.end()
  }

  private func choice(
    _ json: inout JSONWriter, _ member: StaticString, reason: StaticString?,
    _ content: (inout JSONWriter) -> Void
  ) {
    json.beginObject()
    json.key("index")
    json.integer(0)
    json.key(member)
    json.beginObject()
    content(&json)
    json.endObject()
    json.key("logprobs")
    json.null()
    json.key("finish_reason")
    if let reason { json.string(plain: reason) } else { json.null() }
    json.endObject()
  }

  private func envelope(
    _ object: StaticString, _ json: inout JSONWriter, _ members: (inout JSONWriter) -> Void
  ) {
    json.beginObject()
    json.key("id")
    json.string("chatcmpl-demo-\(self.script.serial)")
    json.key("object")
    json.string(plain: object)
    json.key("created")
    json.integer(0)
    json.key("model")
    json.string(self.script.request.model)
    members(&json)
    json.endObject()
  }

  private func usage(_ json: inout JSONWriter, outputTokens: Int) {
    let inputTokens = self.script.request.inputTokens
    json.beginObject()
    json.key("prompt_tokens")
    json.integer(inputTokens)
    json.key("completion_tokens")
    json.integer(outputTokens)
    json.key("total_tokens")
    json.integer(inputTokens + outputTokens)
    json.endObject()
  }
}
