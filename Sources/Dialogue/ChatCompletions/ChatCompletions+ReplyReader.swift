import Wire

extension ChatCompletions {
  /// Reads a chat completion into an answer.
  struct ReplyReader {
    private let context: ReplyContext
    private var reply = Reply()

    static func read(_ root: JSONValue, _ context: ReplyContext) throws(Failure) -> Reply {
      if let error = root.present("error"), error.kind == .object || error.isEmptyString == false {
        throw Translation.failure(status: 200, body: root, from: .chat)
      }
      guard let choice = root["choices"]?.elements.first(where: { _ in true }),
        let message = choice.present("message"), message.kind == .object
      else { throw .unusable("The upstream's answer has no choices.") }
      var reader = ReplyReader(context: context)
      reader.readReasoning(message)
      reader.readContent(message)
      reader.readCalls(message)
      let usage = root.present("usage") ?? choice.present("usage")
      reader.reply.usage = Self.usage(usage, context.profile.chat)
      let reason = choice["finish_reason"]?.string
      if let failure = Self.failure(reason) { throw failure }
      let matched = (choice["stop_reason"] ?? choice["matched_stop"])?.string
      reader.reply.stop = Self.stop(
        reason, matched: matched, hasCalls: reader.reply.hasCalls,
        refusal: message.present("refusal").map(Text.init), context)
      return reader.reply
    }

    private init(context: ReplyContext) { self.context = context }

    private mutating func readReasoning(_ message: JSONValue) {
      let found = ReasoningText.find(in: message)
      let details = message["reasoning_details"].flatMap { $0.isEmptyContainer ? nil : $0 }
      guard found != nil || details != nil else { return }
      var proof = ReplyProof.none
      if let details {
        var merged = ReasoningDetails()
        merged.take(details)
        proof = .envelope(merged.payload)
      }
      self.reply.parts.append(.reasoning(found.map(Text.init) ?? Text(literal: ""), proof))
    }

    private mutating func readContent(_ message: JSONValue) {
      if let refusal = message.present("refusal"), refusal.isEmptyString == false {
        self.reply.parts.append(.refusal(Text(refusal)))
      }
      guard let content = message.present("content") else { return }
      var texts: [Text] = []
      if content.kind == .string {
        texts = [Text(content)]
      } else {
        for part in content.elements {
          if part["type"]?.matches("thinking") == true {
            let inner = ReasoningText.inside(part)
            if !inner.isEmpty { self.reply.parts.append(.reasoning(Text.joined(inner, by: ""), .none)) }
          } else if let text = part["text"] {
            texts.append(Text(text))
          }
        }
      }
      let text = Text.joined(texts, by: "")
      guard !text.isEmpty else { return }
      guard self.context.profile.chat.parsesThinkTags else {
        self.reply.parts.append(.text(text, citations: []))
        return
      }
      var tags = ThinkTags()
      for piece in tags.take(text) + tags.flush() {
        self.reply.parts.append(
          piece.isThought ? .reasoning(piece.text, .none) : .text(piece.text, citations: []))
      }
    }

    private mutating func readCalls(_ message: JSONValue) {
      for call in message["tool_calls"]?.elements.map(\.self) ?? [] {
        let function = call.present("function") ?? call.present("custom")
        guard let name = function?["name"]?.string, !name.isEmpty else { continue }
        let id = call["id"].flatMap { $0.string ?? $0.integer.map(String.init) } ?? ""
        self.append(id, name, function?["arguments"] ?? function?["input"], call)
      }
      if let call = message.present("function_call"), let name = call["name"]?.string, !self.reply.hasCalls {
        self.append("", name, call["arguments"], call)
      }
    }

    private mutating func append(_ id: String, _ name: String, _ arguments: JSONValue?, _ value: JSONValue) {
      let read: Arguments
      switch arguments?.kind {
      case .object?: read = arguments.map(Arguments.object) ?? .text(Text(literal: ""))
      case .string?: read = .text(arguments.map(Text.init) ?? Text(literal: ""))
      default: read = .text(Text(literal: ""))
      }
      self.reply.parts.append(.call(ToolCall(id: id, name: name, arguments: read, value: value)))
    }

    // MARK: Ends

    /// Matrix C3: some reasons are no ends but failures.
    static func failure(_ reason: String?) -> Failure? {
      switch reason {
      case "error", "network_error", "abort": Failure(.server, "The upstream failed while it answered.")
      case "insufficient_system_resource":
        Failure(.overloaded, "The upstream has not enough resources to go on.")
      default: nil
      }
    }

    static func stop(
      _ reason: String?, matched: String?, hasCalls: Bool, refusal: Text?, _ context: ReplyContext
    ) -> StopReason {
      let refusal = refusal.flatMap { $0.isEmpty ? nil : $0 }
      switch reason {
      case "length", "max_tokens", "model_length": return .maxTokens
      case "model_context_window_exceeded": return .contextWindow
      case "content_filter", "sensitive", "safety": return .refusal(explanation: refusal)
      default: break
      }
      if hasCalls { return .toolUse }
      if let refusal { return .refusal(explanation: refusal) }
      if let matched, context.requestedStops.contains(matched) { return .stopSequence(matched) }
      return .endTurn
    }

    /// Matrix N-usage-1 and the vendors' own places for the same numbers.
    static func usage(_ value: JSONValue?, _ traits: ChatTraits) -> Usage? {
      guard let value, value.kind == .object else { return nil }
      func count(_ value: JSONValue?) -> Int { max(0, value?.integer ?? 0) }
      var usage = Usage()
      let details = value["prompt_tokens_details"]
      usage.cacheRead = count(
        details?.present("cached_tokens") ?? value.present("prompt_cache_hit_tokens")
          ?? value["cached_tokens"])
      usage.cacheWrite = count(details?["cache_write_tokens"])
      let cached = Usage.sum(usage.cacheRead, usage.cacheWrite)
      usage.input = max(0, count(value["prompt_tokens"]) - cached)
      usage.output = count(value["completion_tokens"])
      usage.reasoning = value["completion_tokens_details"]?["reasoning_tokens"]?.integer.map { max(0, $0) }
      if traits.countsReasoningApart { usage.output = Usage.sum(usage.output, usage.reasoning ?? 0) }
      return usage
    }
  }
}
