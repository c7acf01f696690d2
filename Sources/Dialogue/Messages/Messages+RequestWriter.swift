import Wire

extension Messages {
  /// Writes a dialogue as a Messages request.
  struct RequestWriter {
    var writer: JSONWriter
    var context: ReplyContext
    var losses: Losses
    let dialogue: Dialogue
    let row: Profile.Row
    private let settings: TranslationSettings
    private let model: String
    var instructions: [TextPart] = []
    var tools: [Tool] = []
    private var isThinking = false
    var scratch = JSONScratch()
    var strictBudget = SchemaTransform.StrictBudget()

    init(_ dialogue: Dialogue, model: String, context: ReplyContext, settings: TranslationSettings) {
      self.dialogue = dialogue
      self.losses = dialogue.losses
      self.context = context
      self.model = model
      self.settings = settings
      self.row = context.profile.row
      self.writer = JSONWriter(splicingFrom: dialogue.document)
    }

    mutating func write() throws(Refusal) {
      self.writer.reserve(min(self.dialogue.document.bytes.count, 256 << 10))
      try self.chooseTools()
      let limit = self.maxTokens
      if let asked = self.dialogue.maxTokens, limit < asked.content {
        self.losses.add(.changed, asked.value, because: "the operator allows no more")
      }
      self.arrangeTurns()
      try self.addFormatInstruction()
      self.writer.beginObject()
      self.writer.key("model")
      self.writer.string(self.model)
      self.writer.key("max_tokens")
      self.writer.integer(limit)
      self.writeThinking(limit)
      self.dropSurplusMarks()
      self.writeTools()
      self.writeSystem()
      self.writer.key("messages")
      try self.writeMessages()
      self.writeSampling()
      self.writeStops()
      self.writeRest()
      self.writer.endObject()
    }

    private var maxTokens: Int {
      let asked = self.dialogue.maxTokens?.content
      let wanted = asked ?? self.settings.defaultMaxTokens ?? self.row.messages.defaultMaxTokens
      return min(wanted, self.settings.maxTokensCeiling ?? wanted)
    }

    // MARK: Instructions

    private mutating func writeSystem() {
      var parts = self.instructions.filter { !$0.text.isBlank }
      if let prompt = self.settings.systemPrompt, !prompt.isEmpty {
        parts.insert(TextPart(Text(plain: prompt)), at: 0)
      }
      guard let first = parts.first else { return }
      self.writer.key("system")
      if parts.count == 1, first.cache == nil, self.settings.systemPrompt?.isEmpty != false {
        first.text.writeString(to: &self.writer)
        return
      }
      self.writer.beginArray()
      for part in parts { self.writeText(part.text, cache: part.cache) }
      self.writer.endArray()
    }

    private mutating func addFormatInstruction() throws(Refusal) {
      guard let format = self.dialogue.format else { return }
      let said = format.value.present("json_schema")
      if let value = said?.present("description") { self.losses.drop(value, because: "has no place here") }
      if let value = said?.present("strict"), value.bool == false {
        self.losses.add(.changed, value, because: "the upstream always holds to the schema")
      }
      switch format.kind {
      case .object: self.instructions.append(TextPart(Text(literal: FixedText.jsonObject)))
      case .schema(let schema, _, _, _):
        if let remote = SchemaTransform.remoteReference(in: schema) {
          throw .unsupported(remote, "A schema behind a URL cannot be fetched.")
        }
        if self.row.messages.hasFormat, SchemaTransform.isPossible(schema) { return }
        self.losses.add(.changed, format.value, because: "the schema is sent as an instruction")
        self.instructions.append(TextPart(FixedText.schema(schema)))
      }
    }

    // MARK: Thinking and sampling

    private mutating func writeThinking(_ limit: Int) {
      var settings = ThinkingSettings(
        self.dialogue, self.row.messages, limit: limit, forcesTool: self.forcesTool)
      settings.showsReasoning = self.settings.exposesReasoning
      settings.write(to: &self.writer, &self.losses)
      self.isThinking = settings.isThinking
      self.writeFormat(settings.effort)
    }

    private mutating func writeFormat(_ effort: Effort?) {
      var schema: JSONValue?
      if case .schema(let value, _, _, _) = self.dialogue.format?.kind, self.row.messages.hasFormat,
        SchemaTransform.isPossible(value)
      {
        schema = value
      }
      guard effort != nil || schema != nil else { return }
      self.writer.key("output_config")
      self.writer.beginObject()
      if let effort {
        self.writer.key("effort")
        self.writer.string(effort.rawValue)
      }
      if let schema {
        self.writer.key("format")
        self.writer.beginObject()
        self.writer.key("type")
        self.writer.string("json_schema")
        self.writer.key("schema")
        SchemaTransform.write(schema, to: &self.writer)
        self.writer.endObject()
        var plain = JSONWriter()
        SchemaTransform.write(schema, to: &plain)
        if !plain.isCompactForm(of: schema) {
          self.losses.add(.changed, schema, because: "the upstream reads a part of JSON Schema only")
        }
      }
      self.writer.endObject()
    }

    private mutating func writeSampling() {
      let sampling = self.dialogue.sampling
      if let value = sampling.topK { self.writeIfSampled("top_k", value, isLegal: !self.isThinking) }
      if let value = sampling.temperature {
        let number = value.double ?? 1
        if self.row.messages.hasSampling, !self.isThinking, number > 1 || number < 0 {
          self.writer.key("temperature")
          self.writer.integer(number > 1 ? 1 : 0)
          self.losses.add(.changed, value, because: "the upstream's range ends at 1")
        } else if number != 1 || (self.row.messages.hasSampling && !self.isThinking) {
          self.writeIfSampled("temperature", value, isLegal: !self.isThinking)
        }
      }
      if let value = sampling.topP {
        let number = value.double ?? 1
        if number == 1, !self.row.messages.hasSampling { return }
        let isAlone = sampling.temperature == nil || self.row.messages.takesBothSamplings || self.isThinking
        self.writeIfSampled(
          "top_p", value, isLegal: isAlone && (!self.isThinking || (number >= 0.95 && number <= 1)))
      }
    }

    private mutating func writeIfSampled(_ name: StaticString, _ value: JSONValue, isLegal: Bool) {
      guard self.row.messages.hasSampling, isLegal else {
        self.losses.drop(value, because: "the upstream refuses it here")
        return
      }
      self.writer.key(name)
      self.writer.raw(value)
    }

    private mutating func writeStops() {
      self.context.requestedStops = self.dialogue.stops.map(\.text)
      let sent = self.dialogue.stops.filter { !Text(plain: $0.text).isBlank }
      for stop in self.dialogue.stops where Text(plain: stop.text).isBlank && !stop.text.isEmpty {
        self.context.emulatedStops.append(stop.text)
        self.losses.add(.emulated, stop.value, because: "the upstream refuses stop sequences of white space")
      }
      guard !sent.isEmpty else { return }
      self.writer.key("stop_sequences")
      self.writer.beginArray()
      for stop in sent { self.writer.raw(stop.value) }
      self.writer.endArray()
    }

    // MARK: Everything else

    private mutating func writeRest() {
      if self.dialogue.isStreaming {
        self.writer.key("stream")
        self.writer.bool(true)
      }
      let user = self.dialogue.endUser?.text ?? self.settings.userID
      if let user, user.unicodeScalars.count <= 256 {
        self.writer.key("metadata")
        self.writer.beginObject()
        self.writer.key("user_id")
        self.writer.string(user)
        self.writer.endObject()
      } else if let value = self.dialogue.endUser?.value {
        self.losses.drop(value, because: "longer than the upstream takes")
      }
      if let mark = self.dialogue.cache { self.writeMark(mark) }
      if let tier = self.dialogue.serviceTier {
        self.writer.key("service_tier")
        self.writer.string(tier.content == "default" ? "standard_only" : "auto")
        if tier.content != "default", tier.content != "auto" {
          self.losses.add(
            .changed, tier.value, word: "auto", because: "the upstream has no such service tier")
        }
      }
    }
  }
}
