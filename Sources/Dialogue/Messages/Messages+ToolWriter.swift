import Wire

/// Which tools the upstream hears of, and how it is told to use them.
extension Messages.RequestWriter {
  mutating func chooseTools() throws(Refusal) {
    self.tools = self.dialogue.tools
    self.context.nameTools(self.tools.map(\.name))
    if let choice = self.dialogue.toolChoice {
      switch choice.kind {
      case .allowed(let names, let isForced):
        let allowed = Set(names)
        self.tools.removeAll { !allowed.contains($0.name) }
        if isForced, self.tools.isEmpty, !self.hasNoTools {
          throw .unsupported(choice.value, "None of the allowed tools is among the tools.")
        }
      case .named(let name):
        guard self.hasNoTools || self.tools.contains(where: { $0.name == name }) else {
          throw .unsupported(choice.value, "The forced tool `\(name.quoted)` is not among the tools.")
        }
      case .any:
        if self.tools.isEmpty, self.dialogue.hasLostTools {
          throw .unsupported(choice.value, "None of the tools is available on this upstream.")
        }
      case .auto, .none: break
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

  /// The client has none, not even such as were lost: then a choice is void.
  private var hasNoTools: Bool { self.dialogue.tools.isEmpty && !self.dialogue.hasLostTools }

  var forcesTool: Bool {
    switch self.dialogue.toolChoice?.kind {
    case .any, .named, .allowed(_, isForced: true): !self.tools.isEmpty
    case .auto, nil, .none?, .allowed(_, isForced: false): false
    }
  }

  mutating func writeTools() {
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
      self.context.noteCustomTool(self.context.wireName(tool.name))
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
    for name in Tool.placeMembers {
      if let value = location.present(name) {
        self.writer.key(name)
        self.writer.raw(value)
      }
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
      if isStrict { self.dropStrict(tool) }
      return
    }
    if let description = tool.description {
      self.writer.key("description")
      description.writeString(to: &self.writer)
    }
    self.writer.key("input_schema")
    SchemaRules.writeToolSchema(schema, without: [], to: &self.writer)
    guard isStrict else { return }
    if let schema, SchemaRules.fitsClaudeStrict(schema), SchemaTransform.isPossible(schema),
      self.strictBudget.take(schema)
    {
      self.writer.key("strict")
      self.writer.bool(true)
    } else {
      self.dropStrict(tool)
    }
  }

  private mutating func dropStrict(_ tool: Tool) {
    let value = (tool.value["function"] ?? tool.value)["strict"] ?? tool.value
    self.losses.drop(value, because: "the upstream's strict mode does not take this schema")
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
    if self.forcesTool, !self.row.messages.hasForcedTools {
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
    guard self.forcesTool, !self.row.messages.hasForcedTools, let choice = self.dialogue.toolChoice else {
      return
    }
    self.losses.add(.changed, choice.value, because: "the model cannot be forced, it is asked")
    if case .named(let name) = choice.kind {
      self.instructions.append(TextPart(FixedText.call(self.context.wireName(name))))
    } else {
      self.instructions.append(TextPart(Text(literal: FixedText.callAny)))
    }
  }
}
