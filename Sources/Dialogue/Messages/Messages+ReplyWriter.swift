import Wire

extension Messages {
  /// Writes an answer as a Message.
  enum ReplyWriter {
    static func write(
      _ reply: Reply, _ context: ReplyContext, _ surroundings: inout Surroundings, to writer: inout JSONWriter
    ) {
      writer.beginObject()
      self.head(context, &surroundings, to: &writer)
      writer.key("content")
      writer.beginArray()
      for index in reply.parts.indices { self.part(reply.parts[index], context, &surroundings, to: &writer) }
      writer.endArray()
      self.stop(reply.stop, to: &writer)
      writer.key("usage")
      self.usage(reply.usage ?? Usage(), tier: reply.serviceTier, to: &writer)
      writer.endObject()
    }

    static func head(_ context: ReplyContext, _ surroundings: inout Surroundings, to writer: inout JSONWriter)
    {
      writer.key("id")
      writer.string(surroundings.id("msg_"))
      writer.members(#""type":"message","role":"assistant""#)
      writer.key("model")
      writer.string(context.model)
    }

    private static func part(
      _ part: Reply.Part, _ context: ReplyContext, _ surroundings: inout Surroundings,
      to writer: inout JSONWriter
    ) {
      switch part {
      case .text(let text, _), .refusal(let text):
        guard !text.isEmpty else { return }
        writer.beginObject()
        writer.members(#""type":"text""#)
        writer.key("text")
        text.writeString(to: &writer)
      case .reasoning(let text, let proof) where text.isEmpty && !proof.isSignature:
        self.redacted(proof, context, to: &writer)
        return
      case .reasoning(let text, let proof):
        writer.beginObject()
        writer.members(#""type":"thinking""#)
        writer.key("thinking")
        text.writeString(to: &writer)
        writer.key("signature")
        self.proof(proof, context).writeString(to: &writer)
      case .call(let call):
        writer.beginObject()
        writer.members(#""type":"tool_use""#)
        writer.key("id")
        writer.string(self.callID(call.id, &surroundings))
        writer.key("name")
        writer.string(context.clientName(call.name))
        writer.key("input")
        var scratch = JSONScratch()
        call.arguments.writeObject(to: &writer, &scratch)
      }
      writer.endObject()
    }

    /// Reasoning without a text: all there is, is what its origin can read.
    static func redacted(_ proof: ReplyProof, _ context: ReplyContext, to writer: inout JSONWriter) {
      writer.beginObject()
      writer.key("type")
      writer.string("redacted_thinking")
      writer.key("data")
      self.proof(proof, context).writeString(to: &writer)
      writer.endObject()
    }

    static func callID(_ id: String, _ surroundings: inout Surroundings) -> String {
      id.isEmpty ? surroundings.id("toolu_") : IDRule.sanitised.apply(id)
    }

    /// What stands for a signature: our envelope, so that the text can return to its origin.
    static func proof(_ proof: ReplyProof, _ context: ReplyContext) -> Text {
      let payload: [UInt8]
      switch proof {
      case .signature(let text), .redacted(let text): return text
      case .none: payload = Array(#"{"k":"chat"}"#.utf8)
      case .envelope(let bytes): payload = bytes
      }
      return Text(escaped: Envelope.seal(payload, context.envelopeKeys))
    }

    /// `stop_reason`, `stop_sequence` and, for refusals, `stop_details`.
    static func stop(_ stop: StopReason, to writer: inout JSONWriter) {
      switch stop {
      case .endTurn: writer.members(#""stop_reason":"end_turn","stop_sequence":null"#)
      case .toolUse: writer.members(#""stop_reason":"tool_use","stop_sequence":null"#)
      case .maxTokens: writer.members(#""stop_reason":"max_tokens","stop_sequence":null"#)
      case .contextWindow:
        writer.members(#""stop_reason":"model_context_window_exceeded","stop_sequence":null"#)
      case .stopSequence(let text):
        writer.members(#""stop_reason":"stop_sequence""#)
        writer.key("stop_sequence")
        if let text { writer.string(text) } else { writer.null() }
      case .refusal(let explanation):
        writer.members(#""stop_reason":"refusal","stop_sequence":null"#)
        writer.key("stop_details")
        writer.beginObject()
        writer.members(#""type":"refusal","category":null"#)
        writer.key("explanation")
        if let explanation { explanation.writeString(to: &writer) } else { writer.null() }
        writer.endObject()
      }
    }

    static func usage(_ usage: Usage, tier: ServiceTier? = nil, to writer: inout JSONWriter) {
      writer.beginObject()
      writer.key("input_tokens")
      writer.integer(usage.input)
      writer.key("cache_creation_input_tokens")
      writer.integer(usage.cacheWrite)
      writer.key("cache_read_input_tokens")
      writer.integer(usage.cacheRead)
      writer.key("output_tokens")
      writer.integer(usage.output)
      if let reasoning = usage.reasoning {
        writer.key("output_tokens_details")
        writer.beginObject()
        writer.key("thinking_tokens")
        writer.integer(reasoning)
        writer.endObject()
      }
      if let tier {
        writer.key("service_tier")
        writer.string(plain: tier.messagesWord)
      }
      writer.endObject()
    }
  }
}
