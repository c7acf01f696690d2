import Wire

extension Messages {
  /// Reads a Message into an answer.
  enum ReplyReader {
    static func read(_ root: JSONValue) throws(Failure) -> Reply {
      if root["type"]?.matches("error") == true || root.present("error") != nil {
        throw Translation.failure(status: 500, body: root, from: .messages)
      }
      guard root.kind == .object, let content = root.present("content"), content.kind == .array else {
        throw .unusable("The upstream's answer is no message.")
      }
      var reply = Reply()
      for block in content.elements { self.read(block, &reply) }
      reply.stop = self.stop(root["stop_reason"]?.string, root)
      reply.usage = self.usage(root.present("usage"), onto: nil)
      reply.serviceTier = root["usage"]?["service_tier"]?.string.flatMap(ServiceTier.init(messages:))
      return reply
    }

    private static func read(_ block: JSONValue, _ reply: inout Reply) {
      let type = block["type"]?.string ?? ""
      switch type {
      case "text":
        guard let text = block["text"] else { return }
        let citations = block["citations"]?.elements.compactMap(self.citation) ?? []
        reply.parts.append(.text(Text(text), citations: citations))
      case "thinking":
        let proof = block.present("signature").map { ReplyProof.signature(Text($0)) } ?? .none
        reply.parts.append(.reasoning(block["thinking"].map(Text.init) ?? Text(literal: ""), proof))
      case "redacted_thinking":
        guard let data = block["data"] else { return }
        reply.parts.append(.reasoning(Text(literal: ""), .redacted(Text(data))))
      case "tool_use":
        guard let name = block["name"]?.string, !name.isEmpty else { return }
        let arguments = block.present("input").map(Arguments.object) ?? .text(Text(literal: ""))
        reply.parts.append(
          .call(
            ToolCall(
              id: block["id"]?.string ?? "", name: name, arguments: arguments,
              value: block)))
      default:
        reply.losses.drop(block, word: type, because: "the client's protocol has no such block")
      }
    }

    /// Only sources on the web have a counterpart.
    static func citation(_ value: JSONValue) -> Citation? {
      guard let url = value["url"] ?? value["source"], url.string?.hasPrefix("http") == true else {
        return nil
      }
      let type = value["type"]?.string ?? ""
      guard type == "web_search_result_location" || type == "search_result_location" else { return nil }
      return Citation(url: Text(url), title: value.present("title").map(Text.init))
    }

    static func stop(_ reason: String?, _ holder: JSONValue) -> StopReason {
      switch reason {
      case "tool_use": .toolUse
      case "max_tokens": .maxTokens
      case "model_context_window_exceeded": .contextWindow
      case "stop_sequence": .stopSequence(holder["stop_sequence"]?.string)
      case "refusal":
        .refusal(explanation: holder.present("stop_details")?.present("explanation").map(Text.init))
      default: .endTurn
      }
    }

    /// Members that are not null win over what was known before.
    static func usage(_ value: JSONValue?, onto known: Usage?) -> Usage? {
      guard let value, value.kind == .object else { return known }
      var usage = known ?? Usage()
      if let count = value["input_tokens"]?.integer { usage.input = max(0, count) }
      if let count = value["cache_read_input_tokens"]?.integer { usage.cacheRead = max(0, count) }
      if let count = value["cache_creation_input_tokens"]?.integer { usage.cacheWrite = max(0, count) }
      if let count = value["output_tokens"]?.integer { usage.output = max(0, count) }
      if let count = value["output_tokens_details"]?["thinking_tokens"]?.integer {
        usage.reasoning = max(0, count)
      }
      return usage
    }
  }
}
