import Wire

extension ChatCompletions {
  /// Writes an answer as a chat completion.
  enum ReplyWriter {
    static func write(
      _ reply: Reply, _ context: ReplyContext, _ surroundings: inout Surroundings, to writer: inout JSONWriter
    ) {
      writer.beginObject()
      writer.key("id")
      writer.string(surroundings.id("chatcmpl-"))
      writer.key("object")
      writer.string("chat.completion")
      writer.key("created")
      writer.integer(surroundings.now)
      writer.key("model")
      writer.string(context.model)
      writer.key("choices")
      writer.beginArray()
      writer.beginObject()
      writer.key("index")
      writer.integer(0)
      writer.key("message")
      self.message(reply, context, &surroundings, to: &writer)
      writer.key("logprobs")
      if let logprobs = reply.logprobs { writer.raw(logprobs) } else { writer.null() }
      writer.key("finish_reason")
      writer.string(plain: self.finishReason(reply.stop, context, hasCalls: reply.hasCalls))
      writer.endObject()
      writer.endArray()
      writer.key("usage")
      self.usage(reply.usage ?? Usage(), to: &writer)
      if let tier = reply.serviceTier {
        writer.key("service_tier")
        writer.string(plain: tier.chatWord)
      }
      writer.endObject()
    }

    private static func message(
      _ reply: Reply, _ context: ReplyContext, _ surroundings: inout Surroundings, to writer: inout JSONWriter
    ) {
      var texts: [Text] = []
      var refusals: [Text] = []
      var thoughts: [Text] = []
      var calls: [ToolCall] = []
      for part in reply.parts {
        switch part {
        case .text(let text, _): texts.append(text)
        case .refusal(let text): refusals.append(text)
        case .reasoning(let text, _): if !text.isEmpty { thoughts.append(text) }
        case .call(let call): calls.append(call)
        }
      }
      if case .refusal(let explanation) = reply.stop, refusals.isEmpty {
        refusals = [self.refusal(explanation, context)].compactMap(\.self)
      }
      writer.beginObject()
      writer.key("role")
      writer.string("assistant")
      writer.key("content")
      let content = Text.joined(texts, by: "")
      if content.isEmpty, !calls.isEmpty || !refusals.isEmpty {
        writer.null()
      } else {
        content.writeString(to: &writer)
      }
      writer.key("refusal")
      if refusals.isEmpty { writer.null() } else { Text.joined(refusals, by: "").writeString(to: &writer) }
      if context.showsReasoning, !thoughts.isEmpty {
        writer.key(reply.thoughtName)
        Text.joined(thoughts, by: #"\n\n"#).writeString(to: &writer)
      }
      if context.showsReasoning, let details = reply.details {
        writer.key("reasoning_details")
        writer.raw(details)
      }
      self.annotations(reply, to: &writer)
      self.calls(calls, context, &surroundings, to: &writer)
      writer.endObject()
    }

    /// What stands for a refusal; an upstream of the same protocol has said all there is to say.
    static func refusal(_ explanation: Text?, _ context: ReplyContext) -> Text? {
      if let explanation, !explanation.isEmpty { return explanation }
      return context.profile.dialect == .chat ? nil : Text(literal: FixedText.refusal)
    }

    private static func annotations(_ reply: Reply, to writer: inout JSONWriter) {
      var position = 0
      var isOpen = false
      for part in reply.parts {
        guard case .text(let text, let citations) = part else { continue }
        let end = position + TextLength.scalars(text)
        for citation in citations {
          if !isOpen {
            writer.key("annotations")
            writer.beginArray()
            isOpen = true
          }
          writer.beginObject()
          self.citation(citation, start: position, end: end, to: &writer)
          writer.endObject()
        }
        position = end
      }
      if isOpen { writer.endArray() }
    }

    static func citation(_ citation: Citation, start: Int, end: Int, to writer: inout JSONWriter) {
      writer.key("type")
      writer.string("url_citation")
      writer.key("url_citation")
      writer.beginObject()
      writer.key("start_index")
      writer.integer(start)
      writer.key("end_index")
      writer.integer(end)
      writer.key("url")
      citation.url.writeString(to: &writer)
      writer.key("title")
      (citation.title ?? Text(literal: "")).writeString(to: &writer)
      writer.endObject()
    }

    private static func calls(
      _ calls: [ToolCall], _ context: ReplyContext, _ surroundings: inout Surroundings,
      to writer: inout JSONWriter
    ) {
      guard let first = calls.first else { return }
      if context.isLegacy {
        writer.key("function_call")
        self.function(first, context, to: &writer)
        return
      }
      writer.key("tool_calls")
      writer.beginArray()
      for call in calls {
        writer.beginObject()
        writer.key("id")
        writer.string(call.id.isEmpty ? surroundings.id("call_") : call.id)
        writer.key("type")
        if context.isCustomTool(call.name) {
          writer.string("custom")
          writer.key("custom")
          self.custom(call, context, to: &writer)
        } else {
          writer.string("function")
          writer.key("function")
          self.function(call, context, to: &writer)
        }
        if context.profile.dialect == .chat { self.extras(of: call, to: &writer) }
        writer.endObject()
      }
      writer.endArray()
    }

    /// A vendor's own members stay on their call where both sides speak the same protocol.
    private static func extras(of call: ToolCall, to writer: inout JSONWriter) {
      guard let value = call.value, value.present("function") != nil || value.present("custom") != nil else {
        return
      }
      for member in value.members where !member.value.isNull && !CallTable.isKnown(member.key) {
        writer.key(text: member.name)
        writer.compact(member.value)
      }
    }

    private static func function(_ call: ToolCall, _ context: ReplyContext, to writer: inout JSONWriter) {
      writer.beginObject()
      writer.key("name")
      writer.string(context.clientName(call.name))
      writer.key("arguments")
      let text = call.arguments.text
      (text.isBlank ? Text(literal: "{}") : text).writeString(to: &writer)
      writer.endObject()
    }

    /// A free-form tool gets back the text that was wrapped for it.
    static func custom(_ call: ToolCall, _ context: ReplyContext, to writer: inout JSONWriter) {
      writer.beginObject()
      writer.key("name")
      writer.string(context.clientName(call.name))
      writer.key("input")
      let plain = call.arguments.text.plainBytes
      if let document = try? JSONDocument(plain), let input = document.root["input"], input.kind == .string {
        Text(input).writeString(to: &writer)
      } else {
        call.arguments.text.writeString(to: &writer)
      }
      writer.endObject()
    }

    static func finishReason(_ stop: StopReason, _ context: ReplyContext, hasCalls: Bool) -> StaticString {
      switch stop {
      case .endTurn, .stopSequence: "stop"
      case .toolUse: !hasCalls ? "stop" : context.isLegacy ? "function_call" : "tool_calls"
      case .maxTokens, .contextWindow: "length"
      case .refusal: "content_filter"
      }
    }

    static func usage(_ usage: Usage, to writer: inout JSONWriter) {
      writer.beginObject()
      writer.key("prompt_tokens")
      writer.integer(usage.prompt)
      writer.key("completion_tokens")
      writer.integer(usage.output)
      writer.key("total_tokens")
      writer.integer(Usage.sum(usage.prompt, usage.output))
      writer.key("prompt_tokens_details")
      writer.beginObject()
      writer.key("cached_tokens")
      writer.integer(usage.cacheRead)
      writer.key("cache_write_tokens")
      writer.integer(usage.cacheWrite)
      writer.endObject()
      writer.key("completion_tokens_details")
      writer.beginObject()
      writer.key("reasoning_tokens")
      writer.integer(usage.reasoning ?? 0)
      writer.endObject()
      writer.endObject()
    }
  }
}
