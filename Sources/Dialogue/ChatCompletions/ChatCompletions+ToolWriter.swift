import Wire

/// Which tools the upstream hears of, and how it is told to use them.
extension ChatCompletions.RequestWriter {
  mutating func chooseTools() throws(Refusal) {
    self.context.nameTools(self.dialogue.tools.map(\.name))
    for tool in self.dialogue.tools {
      if case .webSearch = tool.kind {
        let type = tool.value["type"]?.string
        self.losses.drop(tool.value, word: type, because: "the upstream cannot run this tool")
      } else {
        self.tools.append(tool)
      }
    }
    guard let choice = self.dialogue.toolChoice else { return }
    switch choice.kind {
    case .named(let name):
      if self.hasNoTools { return }
      guard self.tools.contains(where: { $0.name == name }) else {
        throw .unsupported(
          choice.value, "The forced tool `\(name.quoted)` is not available on this upstream.")
      }
      if case .unnamed = self.toolChoices { self.tools.removeAll { $0.name != name } }
    case .allowed(let names, _):
      let allowed = Set(names)
      self.tools.removeAll { !allowed.contains($0.name) }
    case .auto, .none, .any: break
    }
  }

  /// The client has none, not even such as were lost: then a choice is void (matrix A-tc-2).
  private var hasNoTools: Bool { self.dialogue.tools.isEmpty && !self.dialogue.hasLostTools }

  mutating func writeTools() throws(Refusal) {
    guard !self.tools.isEmpty else {
      if let choice = self.dialogue.toolChoice {
        switch choice.kind {
        case .auto, .none: break
        case .any, .named, .allowed:
          if !self.hasNoTools {
            throw .unsupported(choice.value, "None of the tools is available on this upstream.")
          }
          self.losses.drop(choice.value, because: "there are no tools to choose from")
        }
      }
      return
    }
    // A choice of none with a server that knows no such word: the tools stay away.
    if case .autoOnly = self.toolChoices, case .none? = self.dialogue.toolChoice?.kind {
      self.losses.add(
        .changed, self.dialogue.toolChoice.map(\.value) ?? self.dialogue.document.root,
        because: "the tools are left out instead")
      return
    }
    self.writer.key("tools")
    self.writer.beginArray()
    for tool in self.tools { self.writeTool(tool) }
    self.writer.endArray()
    self.writeToolChoice()
    if self.row.chat.callsOnceUnlessTold, self.dialogue.parallelCalls?.content != false {
      self.writer.key("parallel_tool_calls")
      self.writer.bool(true)
    }
    if let parallel = self.dialogue.parallelCalls, !parallel.content {
      if self.row.chat.hasParallelSwitch {
        self.writer.key("parallel_tool_calls")
        self.writer.bool(false)
      } else {
        self.losses.drop(parallel.value, because: "the upstream has no such switch")
      }
    }
  }

  /// How a call can be asked for in this request.
  var toolChoices: ChatTraits.ToolChoices {
    if self.row.chat.choosesFreelyWhileThinking, let wish = self.wish, wish != .none { return .unforced }
    return self.row.chat.toolChoices
  }

  /// For an upstream that knows no forced calls: the sentence that asks for one.
  var forcedToolInstruction: Text? {
    switch self.toolChoices {
    case .autoOnly, .unforced: break
    case .all, .unnamed: return nil
    }
    if self.tools.isEmpty { return nil }
    switch self.dialogue.toolChoice?.kind {
    case .any, .allowed(_, isForced: true): return Text(literal: FixedText.callAny)
    case .named(let name): return FixedText.call(self.context.nameOnWire(name))
    case .auto, nil, .none?, .allowed(_, isForced: false): return nil
    }
  }

  private mutating func writeToolChoice() {
    guard let choice = self.dialogue.toolChoice else { return }
    if case .autoOnly = self.toolChoices {
      switch choice.kind {
      case .auto, .none: break
      case .any, .named, .allowed:
        self.losses.add(
          .changed, choice.value, because: "the upstream cannot be made to call a tool, it is asked")
      }
      if self.row.chat.saysAuto {
        self.writer.key("tool_choice")
        self.writer.string("auto")
      }
      return
    }
    self.writer.key("tool_choice")
    if case .unforced = self.toolChoices, self.forcedToolInstruction != nil {
      self.writer.string("auto")
      self.losses.add(
        .changed, choice.value, because: "the upstream cannot be made to call a tool, it is asked")
      return
    }
    switch choice.kind {
    case .auto, .allowed(_, isForced: false): self.writer.string("auto")
    case .none: self.writer.string("none")
    case .any, .allowed(_, isForced: true): self.writer.string(self.row.chat.requiredWord)
    case .named(let name):
      if case .unnamed = self.toolChoices {
        self.writer.string(self.row.chat.requiredWord)
        return
      }
      self.writer.beginObject()
      self.writer.key("type")
      self.writer.string("function")
      self.writer.key("function")
      self.writer.beginObject()
      self.writer.key("name")
      self.writer.string(self.context.wireName(name))
      self.writer.endObject()
      self.writer.endObject()
    }
  }

  private mutating func writeTool(_ tool: Tool) {
    self.dropCache(tool.cache)
    if case .custom = tool.kind {
      if self.row.chat.hasCustomTools { return self.writer.raw(tool.value) }
      self.context.noteCustomTool(self.context.wireName(tool.name))
      self.losses.add(.changed, tool.value, because: "the free-form tool is sent as a function")
    }
    self.writer.beginObject()
    self.writer.key("type")
    self.writer.string("function")
    self.writer.key("function")
    self.writer.beginObject()
    self.writer.key("name")
    self.writer.string(self.context.wireName(tool.name))
    if Naming.tool(tool.name) != tool.name {
      self.losses.add(.changed, tool.value, because: "the name was shortened to what the upstream takes")
    }
    self.writeDefinition(tool)
    self.writer.endObject()
    self.writer.endObject()
  }

  /// As it came, or what of it the upstream reads.
  mutating func writeSchema(_ schema: JSONValue) {
    guard self.row.chat.needsPlainSchemas else { return self.writer.raw(schema) }
    PlainSchema.write(schema, to: &self.writer)
    var plain = JSONWriter()
    PlainSchema.write(schema, to: &plain)
    if !plain.isCompactForm(of: schema) {
      self.losses.add(.changed, schema, because: "the upstream reads a part of JSON Schema only")
    }
  }

  private mutating func writeDefinition(_ tool: Tool) {
    if case .custom(let grammar) = tool.kind {
      self.writer.key("description")
      FixedText.custom(tool.description, grammar).writeString(to: &self.writer)
      self.writer.key("parameters")
      self.writer.value(
        #"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#)
      return
    }
    if let description = tool.description {
      self.writer.key("description")
      description.writeString(to: &self.writer)
    }
    switch tool.kind {
    case .function(let schema, let isStrict):
      self.writer.key("parameters")
      if self.row.chat.needsPlainSchemas, let schema {
        self.writeSchema(schema)
      } else {
        SchemaRules.writeToolSchema(schema, without: self.row.chat.strippedSchemaKeys, to: &self.writer)
      }
      guard isStrict else { return }
      if self.row.chat.hasStrict, let schema, SchemaRules.fitsOpenAIStrict(schema) {
        self.writer.key("strict")
        self.writer.bool(true)
      } else {
        self.losses.drop(
          tool.value["strict"] ?? tool.value,
          because: "the upstream's strict mode does not take this schema")
      }
    case .builtIn(let builtIn):
      self.writer.key("description")
      self.writer.string(plain: builtIn.description)
      self.writer.key("parameters")
      self.writer.value(builtIn.schema)
      self.losses.add(.changed, tool.value, because: "the built-in tool is sent as a function")
    case .custom, .webSearch:
      self.writer.key("parameters")
      SchemaRules.writeToolSchema(nil, without: [], to: &self.writer)
    }
  }
}
