import Wire

/// The codecs of OpenAI's Chat Completions protocol and its dialects.
package enum ChatCompletions {}

extension ChatCompletions {
  /// Writes a dialogue as a Chat Completions request.
  struct RequestWriter {
    var writer: JSONWriter
    var context: ReplyContext
    var losses: Losses
    let dialogue: Dialogue
    let row: Profile.Row
    private let model: String
    var tools: [Tool] = []
    var hasMessages = false

    private let maxTokensCeiling: Int?

    init(_ dialogue: Dialogue, model: String, context: ReplyContext, settings: TranslationSettings) {
      self.maxTokensCeiling = settings.maxTokensCeiling
      self.dialogue = dialogue
      self.losses = dialogue.losses
      self.context = context
      self.model = model
      self.row = context.profile.row
      self.writer = JSONWriter(splicingFrom: dialogue.document)
    }

    mutating func write() throws(Refusal) {
      // Long texts stay in the client's body; what is left is small, but for very many small messages.
      self.writer.reserve(min(self.dialogue.document.bytes.count, 256 << 10))
      self.writer.beginObject()
      self.writer.key("model")
      self.writer.string(self.model)
      // Names first: history and choice must use what the definitions were called.
      try self.chooseTools()
      self.writer.key("messages")
      try self.writeMessages()
      self.writeLimits()
      self.writeReasoning()
      self.writeFormat()
      try self.writeTools()
      self.writeRest()
      self.writeKept()
      self.writer.endObject()
    }

    /// From a client of the same protocol: whatever the upstream does not refuse, as it is.
    private mutating func writeKept() {
      for member in self.dialogue.kept {
        let name = member.name
        if self.row.chat.strippedFields.contains(name) {
          self.losses.drop(member.value, because: "the upstream refuses it")
        } else {
          if let other = self.row.chat.renamedFields[name] {
            self.losses.add(.changed, member.value, word: other, because: "the upstream calls it otherwise")
          }
          self.writer.key(text: self.row.chat.renamedFields[name] ?? name)
          self.writer.raw(member.value)
        }
      }
    }

    private mutating func writeLimits() {
      if let limit = self.dialogue.maxTokens {
        self.writer.key(self.row.chat.hasMaxCompletionTokens ? "max_completion_tokens" : "max_tokens")
        if let ceiling = self.maxTokensCeiling, limit.content > ceiling {
          self.writer.integer(ceiling)
          self.losses.add(.changed, limit.value, because: "the operator allows no more")
        } else {
          self.writer.raw(limit.value)
        }
      }
      let sampling = self.dialogue.sampling
      let isSampling = !self.row.chat.samplesOnlyWithoutEffort || self.effort == Effort.none
      let reason = "the upstream takes no sampling parameters"
      self.writeTemperature(self.row.chat.hasTemperature && isSampling, reason)
      self.writeNumber("top_p", sampling.topP, self.row.chat.hasTopP && isSampling, reason)
      self.writeNumber("top_k", sampling.topK, self.row.chat.hasTopK, "the upstream has no top_k")
      self.writeStops()
    }

    private mutating func writeNumber(
      _ name: StaticString, _ value: JSONValue?, _ isTaken: Bool, _ reason: String
    ) {
      guard let value else { return }
      if isTaken {
        self.writer.key(name)
        self.writer.raw(value)
      } else if value.double != 1 || name.description == "top_k" {
        // 1 is what the upstream does anyway.
        self.losses.drop(value, because: reason)
      }
    }

    private mutating func writeTemperature(_ isTaken: Bool, _ reason: String) {
      let most = self.row.chat.maxTemperature
      guard let value = self.dialogue.sampling.temperature, isTaken, let number = value.double,
        number < 0 || number > Double(most)
      else {
        self.writeNumber("temperature", self.dialogue.sampling.temperature, isTaken, reason)
        return
      }
      self.writer.key("temperature")
      self.writer.integer(number < 0 ? 0 : most)
      self.losses.add(.changed, value, because: "outside the upstream's range")
    }

    private mutating func writeStops() {
      if self.dialogue.stops.isEmpty { return }
      let stops = self.dialogue.stops.filter { !$0.text.isEmpty }
      let sent = stops.prefix(self.row.chat.maxStops)
      let rest = stops.dropFirst(sent.count)
      self.context.requestedStops = self.dialogue.stops.map(\.text)
      self.context.emulatedStops = rest.map(\.text)
      for stop in rest {
        self.losses.add(.emulated, stop.value, because: "the upstream takes no more stop sequences")
      }
      guard !sent.isEmpty else { return }
      self.writer.key("stop")
      self.writer.beginArray()
      for stop in sent { self.writer.raw(stop.value) }
      self.writer.endArray()
    }

    // MARK: Format

    private mutating func writeFormat() {
      guard let format = self.dialogue.format else { return }
      self.writer.key("response_format")
      guard case .schema(let schema, let name, let description, let isStrict) = format.kind,
        self.row.chat.hasSchemaFormat
      else {
        if case .schema = format.kind {
          self.losses.add(.changed, format.value, because: "the upstream knows JSON, but no schema")
        }
        self.writer.value(#"{"type":"json_object"}"#)
        return
      }
      self.writer.beginObject()
      self.writer.key("type")
      self.writer.string("json_schema")
      self.writer.key("json_schema")
      self.writer.beginObject()
      self.writer.key("name")
      (name ?? Text(literal: "output")).writeString(to: &self.writer)
      if let description {
        self.writer.key("description")
        description.writeString(to: &self.writer)
      }
      self.writer.key("schema")
      self.writeSchema(schema)
      if self.row.chat.hasStrict {
        self.writer.key("strict")
        self.writer.bool(isStrict ?? SchemaRules.fitsOpenAIStrict(schema))
      }
      self.writer.endObject()
      self.writer.endObject()
    }

    mutating func dropCache(_ mark: CacheMark?) {
      if let mark { self.losses.drop(mark.value, because: "the upstream caches by itself") }
    }

    // MARK: Everything else

    private mutating func writeRest() {
      self.dropCache(self.dialogue.cache)
      if let user = self.dialogue.endUser {
        if self.row.chat.hasSafetyIdentifier {
          self.writer.key("safety_identifier")
          self.writer.string(SHA256.hex(user.text, digits: 32))
        } else {
          self.losses.drop(user.value, because: "the upstream takes no user id")
        }
      }
      if let tier = self.dialogue.serviceTier {
        let word = tier.content == "standard_only" ? "default" : tier.content
        if self.row.chat.hasServiceTier, word == "default" || word == "auto" {
          self.writer.key("service_tier")
          self.writer.string(word)
        } else if tier.content != "auto" {
          self.losses.drop(tier.value, because: "the upstream has no such service tier")
        }
      }
      if self.row.chat.continuesLastMessage, let last = self.dialogue.turns.last, last.role == .assistant {
        self.writer.key("continue_final_message")
        self.writer.bool(true)
        self.writer.key("add_generation_prompt")
        self.writer.bool(false)
      }
      guard self.dialogue.isStreaming else { return }
      self.writer.key("stream")
      self.writer.bool(true)
      if let member = self.row.chat.toolStreamMember, !self.tools.isEmpty {
        self.writer.key(text: member)
        self.writer.bool(true)
      }
      // A client of the same protocol gets the usage if it asks, and its stream is its own business.
      let isWanted = self.context.client != .chat || self.dialogue.wantsUsage
      if self.row.chat.hasStreamOptions, isWanted {
        self.writer.key("stream_options")
        self.writer.value(#"{"include_usage":true}"#)
      }
    }
  }
}
