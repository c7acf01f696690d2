import Wire

extension Messages {
  /// Writes a dialogue as a Messages request.
  struct RequestWriter {
    var writer: JSONWriter
    var context: ReplyContext
    var losses: Losses
    var dialogue: Dialogue
    let traits: MessagesTraits
    private let settings: TranslationSettings
    private let model: String
    var instructions: [TextPart] = []
    private var tools: [Tool] = []
    private var isThinking = false
    private var strictTools = 0
    var marksLeft = 4

    init(_ dialogue: Dialogue, model: String, context: ReplyContext, settings: TranslationSettings) {
      self.dialogue = dialogue
      self.losses = dialogue.losses
      self.context = context
      self.model = model
      self.settings = settings
      self.traits = context.profile.messages
      self.writer = JSONWriter(splicingFrom: dialogue.document)
    }

    mutating func write() throws(Refusal) {
      self.writer.reserve(min(self.dialogue.document.bytes.count / 4, 64 << 10))
      try self.chooseTools()
      let limit = self.maxTokens
      self.arrangeTurns()
      self.addFormatInstruction()
      self.writer.beginObject()
      self.writer.key("model")
      self.writer.string(self.model)
      self.writer.key("max_tokens")
      self.writer.integer(limit)
      self.writeThinking(limit)
      self.countMarks()
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
      let wanted = asked ?? self.settings.defaultMaxTokens ?? self.traits.defaultMaxTokens
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

    private mutating func addFormatInstruction() {
      guard let format = self.dialogue.format else { return }
      switch format.kind {
      case .object: self.instructions.append(TextPart(Text(literal: FixedText.jsonObject)))
      case .schema(let schema, _, _, _):
        if self.traits.hasFormat, SchemaTransform.isPossible(schema) { return }
        self.losses.add(.changed, format.value, because: "the schema is sent as an instruction")
        var text: [UInt8] = []
        text.append(literal: FixedText.jsonObject)
        text.append(literal: #"\n"#)
        let bytes = schema.document.bytes
        JSONCompaction.appendEscaped(bytes.span.extracting(schema.slice.range), to: &text)
        self.instructions.append(TextPart(Text(escaped: text)))
      }
    }

    // MARK: Tools

    private mutating func chooseTools() throws(Refusal) {
      self.tools = self.dialogue.tools
      if let choice = self.dialogue.toolChoice {
        switch choice.kind {
        case .allowed(let names, _):
          let allowed = Set(names)
          self.tools.removeAll { !allowed.contains($0.name) }
        case .named(let name):
          guard self.tools.contains(where: { $0.name == name }) || self.tools.isEmpty else {
            throw .unsupported(choice.value, "The forced tool `\(name)` is not among the tools.")
          }
        case .auto, .none, .any: break
        }
      }
      // History with calls needs definitions, even of tools that are gone (matrix B-C2A-8).
      guard self.tools.isEmpty else { return }
      var names: [String] = []
      var seen: Set<String> = []
      for turn in self.dialogue.turns {
        for call in turn.calls where seen.insert(call.name).inserted { names.append(call.name) }
      }
      self.tools = names.map {
        Tool(
          name: $0, description: Text(literal: FixedText.stubTool),
          kind: .function(schema: nil, isStrict: false),
          value: self.dialogue.document.root)
      }
      if !names.isEmpty, let choice = self.dialogue.toolChoice {
        self.losses.drop(choice.value, because: "there are no tools to choose from")
      }
      guard !names.isEmpty else { return }
      self.dialogue.toolChoice = ToolChoice(kind: .none, value: self.dialogue.document.root)
      self.dialogue.parallelCalls = nil
    }

    private var forcesTool: Bool {
      switch self.dialogue.toolChoice?.kind {
      case .any, .named, .allowed(_, isForced: true): !self.tools.isEmpty
      case .auto, nil, .none?, .allowed(_, isForced: false): false
      }
    }

    private mutating func writeTools() {
      guard !self.tools.isEmpty else {
        if let choice = self.dialogue.toolChoice {
          switch choice.kind {
          case .auto, .none: break
          case .any, .named, .allowed:
            self.losses.drop(choice.value, because: "there are no tools to choose from")
          }
        }
        return
      }
      self.writer.key("tools")
      self.writer.beginArray()
      for tool in self.tools { self.writeTool(tool) }
      self.writer.endArray()
      self.writeToolChoice()
    }

    private mutating func writeTool(_ tool: Tool) {
      self.writer.beginObject()
      if case .webSearch(let location) = tool.kind {
        self.writer.key("type")
        self.writer.string("web_search_20250305")
        self.writer.key("name")
        self.writer.string("web_search")
        if let location { self.writeLocation(location) }
        self.writer.endObject()
        return
      }
      self.writer.key("name")
      self.writer.string(self.context.wireName(tool.name))
      if Naming.tool(tool.name) != tool.name {
        self.losses.add(.changed, tool.value, because: "the name was shortened to what the upstream takes")
      }
      switch tool.kind {
      case .custom(let grammar):
        self.context.customTools.insert(self.context.wireName(tool.name))
        self.writer.key("description")
        FixedText.custom(tool.description, grammar).writeString(to: &self.writer)
        self.writer.key("input_schema")
        self.writer.value(
          #"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}"#
        )
        self.losses.add(.changed, tool.value, because: "the free-form tool is sent as a function")
      case .function(let schema, let isStrict): self.writeFunction(tool, schema, isStrict)
      case .builtIn, .webSearch: self.writeFunction(tool, nil, false)
      }
      if let cache = tool.cache { self.writeMark(cache) }
      self.writer.endObject()
    }

    private mutating func writeLocation(_ location: JSONValue) {
      self.writer.key("user_location")
      self.writer.beginObject()
      self.writer.key("type")
      self.writer.string("approximate")
      for member in location.members where !member.key.matches("type") {
        self.writer.key(text: member.name)
        self.writer.raw(member.value)
      }
      self.writer.endObject()
    }

    private mutating func writeFunction(_ tool: Tool, _ schema: JSONValue?, _ isStrict: Bool) {
      let combined = schema.map(SchemaTransform.isCombined) ?? false
      if let schema, combined {
        self.losses.add(
          .changed, schema, because: "the alternatives of the schema are merged into one object")
        self.writer.key("description")
        self.writer.beginString()
        tool.description?.write(to: &self.writer)
        self.writer.fragment(tool.description == nil ? "JSON Schema: " : #"\n\nJSON Schema: "#)
        self.writer.stringifiedFragment(schema)
        self.writer.endString()
        self.writer.key("input_schema")
        SchemaTransform.writeMerged(schema, to: &self.writer)
        return
      }
      if let description = tool.description {
        self.writer.key("description")
        description.writeString(to: &self.writer)
      }
      self.writer.key("input_schema")
      SchemaRules.writeToolSchema(schema, without: [], to: &self.writer)
      guard isStrict else { return }
      if self.strictTools < 20, let schema, SchemaRules.fitsClaudeStrict(schema) {
        self.strictTools += 1
        self.writer.key("strict")
        self.writer.bool(true)
      } else {
        let value = (tool.value["function"] ?? tool.value)["strict"] ?? tool.value
        self.losses.drop(value, because: "the upstream's strict mode does not take this schema")
      }
    }

    private mutating func writeToolChoice() {
      let isParallel = self.dialogue.parallelCalls?.content ?? true
      guard let choice = self.dialogue.toolChoice else {
        if !isParallel {
          self.writer.key("tool_choice")
          self.writer.value(#"{"type":"auto","disable_parallel_tool_use":true}"#)
        }
        return
      }
      self.writer.key("tool_choice")
      self.writer.beginObject()
      self.writer.key("type")
      var takesSwitch = true
      if self.forcesTool, !self.traits.hasForcedTools {
        self.writer.string("auto")
      } else {
        switch choice.kind {
        case .auto, .allowed(_, isForced: false): self.writer.string("auto")
        case .any, .allowed(_, isForced: true): self.writer.string("any")
        case .none:
          self.writer.string("none")
          takesSwitch = false
        case .named(let name):
          self.writer.string("tool")
          self.writer.key("name")
          self.writer.string(self.context.wireName(name))
        }
      }
      if !isParallel, takesSwitch {
        self.writer.key("disable_parallel_tool_use")
        self.writer.bool(true)
      }
      self.writer.endObject()
    }

    /// Models that cannot be forced are asked (matrix C-tc-3).
    mutating func addForcedToolInstruction() {
      guard self.forcesTool, !self.traits.hasForcedTools, let choice = self.dialogue.toolChoice else {
        return
      }
      self.losses.add(.changed, choice.value, because: "the model cannot be forced, it is asked")
      if case .named(let name) = choice.kind {
        self.instructions.append(TextPart(FixedText.call(self.context.wireName(name))))
      } else {
        self.instructions.append(TextPart(Text(literal: FixedText.callAny)))
      }
    }

    // MARK: Thinking and sampling

    private mutating func writeThinking(_ limit: Int) {
      var settings = ThinkingSettings(self.dialogue, self.traits, limit: limit, forcesTool: self.forcesTool)
      settings.showsReasoning = self.settings.exposesReasoning
      settings.write(to: &self.writer, &self.losses)
      self.isThinking = settings.isThinking
      self.writeFormat(settings.effort)
    }

    private mutating func writeFormat(_ effort: Effort?) {
      var schema: JSONValue?
      if case .schema(let value, _, _, _) = self.dialogue.format?.kind, self.traits.hasFormat,
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
        if self.traits.hasSampling, !self.isThinking, number > 1 || number < 0 {
          self.writer.key("temperature")
          self.writer.integer(number > 1 ? 1 : 0)
          self.losses.add(.changed, value, because: "the upstream's range ends at 1")
        } else if self.traits.hasSampling || number != 1 {
          self.writeIfSampled("temperature", value, isLegal: !self.isThinking)
        }
      }
      if let value = sampling.topP {
        let number = value.double ?? 1
        let isAlone = sampling.temperature == nil || self.traits.takesBothSamplings || self.isThinking
        self.writeIfSampled(
          "top_p", value, isLegal: isAlone && (!self.isThinking || (number >= 0.95 && number <= 1)))
      }
    }

    private mutating func writeIfSampled(_ name: StaticString, _ value: JSONValue, isLegal: Bool) {
      guard self.traits.hasSampling, isLegal else {
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
      if let mark = self.dialogue.cache { self.writeMark(mark, isTopLevel: true) }
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
