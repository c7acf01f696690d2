import Wire

extension ChatCompletions {
  /// Reads a Chat Completions request into a dialogue.
  struct RequestReader {
    private let dialogue: Dialogue
    private var messages = MessageReader()
    private var isKept = false
    private var webSearch: Tool?

    /// `isKept`: for an upstream of the same protocol, what only it knows is kept.
    static func read(_ document: JSONDocument, isKept: Bool = false) throws(Refusal) -> Dialogue {
      var reader = RequestReader(dialogue: Dialogue(document))
      reader.isKept = isKept
      reader.messages.isKept = isKept
      try reader.read(document.root.expect(.object))
      reader.dialogue.losses.add(reader.messages.losses)
      return reader.dialogue
    }

    private init(dialogue: Dialogue) { self.dialogue = dialogue }

    private mutating func read(_ root: JSONValue) throws(Refusal) {
      try root.refuseRepeatedMembers()
      for member in root.members where !member.value.isNull {
        let value = member.value
        if self.isKept, !Self.rebuilt.contains(member.name) {
          self.dialogue.kept.append(member)
          continue
        }
        switch member.name {
        case "model": self.dialogue.model = try value.name()
        case "messages": try self.readMessages(value)
        case "max_completion_tokens": self.dialogue.maxTokens = Setting(try value.count(), value)
        case "max_tokens":
          if let better = root.present("max_completion_tokens") {
            self.dialogue.losses.drop(value, because: "`\(better.path)` says otherwise")
          } else {
            self.dialogue.maxTokens = Setting(try value.count(), value)
          }
        case "temperature": self.dialogue.sampling.temperature = try value.expect(.number)
        case "top_p": self.dialogue.sampling.topP = try value.expect(.number)
        case "top_k": self.dialogue.sampling.topK = try value.expect(.number)
        case "n":
          guard try value.count() == 1 else { throw .unsupported(value, "This model supports only n=1.") }
        case "stop": try self.readStop(value)
        case "stream": self.dialogue.isStreaming = try value.flag()
        case "stream_options": try self.readStreamOptions(value)
        case "service_tier": self.dialogue.serviceTier = Setting(try value.name(), value)
        default: try self.readMore(member, root)
        }
      }
      // Behind the client's own tools, wherever its option stands.
      if let search = self.webSearch { self.dialogue.tools.append(search) }
      if self.messages.sawLegacyCalls, self.dialogue.tools.isEmpty { self.dialogue.isLegacy = true }
    }

    /// What dialects of the protocol spell in their own ways.
    private static let rebuilt: Set<String> = [
      "model", "messages", "max_completion_tokens", "max_tokens", "temperature", "top_p", "top_k", "stop",
      "stream",
      "stream_options", "reasoning_effort", "thinking", "reasoning", "enable_thinking", "response_format",
      "tools",
      "tool_choice", "parallel_tool_calls", "functions", "function_call",
    ]

    private mutating func readMore(_ member: JSONMember, _ root: JSONValue) throws(Refusal) {
      let value = member.value
      switch member.name {
      case "reasoning_effort", "thinking", "reasoning", "enable_thinking", "chat_template_kwargs":
        try self.readReasoning(member)
      case "response_format": try self.readFormat(value)
      case "tools":
        for tool in try value.expect(.array).elements {
          if let read = try self.tool(tool) { self.dialogue.tools.append(read) }
        }
      case "tool_choice": try self.readToolChoice(value)
      case "parallel_tool_calls":
        self.dialogue.parallelCalls = Setting(try value.flag(), value)
      case "functions", "function_call": try self.readLegacy(member)
      case "web_search_options":
        try self.readWebSearch(value)
      case "user", "safety_identifier": try self.readUser(member, root)
      case "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options": self.readCache(member, root)
      case "modalities":
        for modality in try value.expect(.array).elements where !modality.matches("text") {
          throw .unsupported(modality, "Only text can be produced.")
        }
      case "audio": throw .unsupported(value, "Audio cannot be produced.")
      default:
        if !Self.isDefault(member) {
          self.dialogue.losses.drop(value, because: "the upstream's protocol has no such field")
        }
      }
    }

    /// A value that says what the API does anyway is no loss.
    private static func isDefault(_ member: JSONMember) -> Bool {
      switch member.name {
      case "frequency_penalty", "presence_penalty": member.value.double == 0
      case "logprobs", "store": member.value.bool == false
      case "top_logprobs": member.value.integer == 0
      case "verbosity": member.value.matches("medium")
      case "logit_bias", "metadata": member.value.isEmptyContainer
      default: false
      }
    }

    private mutating func readMessages(_ value: JSONValue) throws(Refusal) {
      for message in try value.expect(.array).elements {
        self.dialogue.turns.append(try self.messages.read(message))
      }
      if self.dialogue.turns.isEmpty {
        throw Refusal("`messages` must not be empty.", param: "messages", code: "empty_messages")
      }
    }

    private mutating func readStop(_ value: JSONValue) throws(Refusal) {
      switch value.kind {
      case .string: self.dialogue.stops = [Stop(text: try value.name(), value: value)]
      case .array:
        for stop in value.elements { self.dialogue.stops.append(Stop(text: try stop.name(), value: stop)) }
      case .null, .bool, .number, .object: throw value.wrongKind("a string or an array")
      }
    }

    private mutating func readStreamOptions(_ value: JSONValue) throws(Refusal) {
      if let usage = try value.expect(.object).present("include_usage") {
        self.dialogue.wantsUsage = try usage.flag()
      }
      self.dialogue.losses.dropUnknown(of: value, except: ["include_usage", "include_obfuscation"])
    }

    private mutating func readReasoning(_ member: JSONMember) throws(Refusal) {
      let value = member.value
      switch member.name {
      case "reasoning_effort": try self.readEffort(value)
      case "enable_thinking": try self.readSwitch(value)
      case "chat_template_kwargs":
        for member in try value.expect(.object).members where !member.value.isNull {
          switch member.name {
          case "enable_thinking", "thinking": try self.readSwitch(member.value)
          default: self.dialogue.losses.drop(member.value, because: "the upstream has no chat template")
          }
        }
      case "thinking":
        self.dialogue.losses.dropUnknown(
          of: try value.expect(.object), except: ["type", "budget_tokens", "display"])
        if let display = value.present("display") {
          self.dialogue.reasoning.isShown = !display.matches("omitted")
        }
        switch try value.required("type").name() {
        case "disabled": self.dialogue.reasoning.mode = Setting(.disabled, value)
        case "enabled":
          let budget = value.present("budget_tokens")?.integer
          self.dialogue.reasoning.mode = Setting(budget.map { .budget($0) } ?? .adaptive, value)
        case "adaptive": self.dialogue.reasoning.mode = Setting(.adaptive, value)
        case let other:
          throw Refusal(try value.required("type"), "Unknown kind of thinking `\(other.quoted)`.")
        }
        if let display = value.present("display") {
          self.dialogue.reasoning.isShown = !display.matches("omitted")
        }
      default:
        if let effort = try value.expect(.object).present("effort") { try self.readEffort(effort) }
        if let budget = value.present("max_tokens") {
          self.dialogue.reasoning.mode = Setting(.budget(try budget.count()), budget)
        }
        if let enabled = value.present("enabled") {
          let isNew = value.present("effort") == nil && value.present("max_tokens") == nil
          if try !enabled.flag() || isNew { try self.readSwitch(enabled) }
        }
        if let exclude = value.present("exclude"), try exclude.flag() {
          self.dialogue.reasoning.isShown = false
        }
        self.dialogue.losses.dropUnknown(of: value, except: ["effort", "max_tokens", "enabled", "exclude"])
      }
    }

    private mutating func readSwitch(_ value: JSONValue) throws(Refusal) {
      self.dialogue.reasoning.mode = Setting(try value.flag() ? .adaptive : .disabled, value)
    }

    private mutating func readEffort(_ value: JSONValue) throws(Refusal) {
      guard let effort = Effort(rawValue: try value.name()) else {
        throw Refusal(value, "Unknown effort `\(try value.name())`.", code: "unsupported_value")
      }
      self.dialogue.reasoning.effort = Setting(effort, value)
    }

    private mutating func readFormat(_ value: JSONValue) throws(Refusal) {
      self.dialogue.losses.dropUnknown(of: try value.expect(.object), except: ["type", "json_schema"])
      switch try value.required("type").name() {
      case "text": return
      case "json_object": self.dialogue.format = OutputFormat(kind: .object, value: value)
      case "json_schema":
        let inner = try value.required("json_schema").expect(.object)
        self.dialogue.losses.dropUnknown(of: inner, except: ["name", "description", "schema", "strict"])
        guard let schema = inner.present("schema") else {
          self.dialogue.format = OutputFormat(kind: .object, value: value)
          return
        }
        self.dialogue.format = OutputFormat(
          kind: .schema(
            try schema.expect(.object), name: inner.present("name").map(Text.init),
            description: inner.present("description").map(Text.init), isStrict: inner.present("strict")?.bool),
          value: value)
      case let other: throw Refusal(try value.required("type"), "Unknown response format `\(other.quoted)`.")
      }
    }

    private mutating func readUser(_ member: JSONMember, _ root: JSONValue) throws(Refusal) {
      let text = try member.value.name()
      let isSafe = member.name == "safety_identifier"
      if text.isEmpty { return }
      if !isSafe, root.present("safety_identifier") != nil {
        self.dialogue.losses.drop(member.value, because: "`safety_identifier` stands for the user")
      } else if !isSafe, Self.looksPersonal(text) {
        self.dialogue.losses.drop(member.value, because: "looks like an e-mail address or a telephone number")
      } else {
        self.dialogue.endUser = EndUser(text: text, isSafe: isSafe, value: member.value)
      }
    }

    private static func looksPersonal(_ text: String) -> Bool {
      if let at = text.firstIndex(of: "@"), text[at...].contains(".") { return true }
      let digits = text.filter { $0 >= "0" && $0 <= "9" }.count
      return digits >= 7 && text.allSatisfy { ($0 >= "0" && $0 <= "9") || "+-() ./".contains($0) }
    }

    private mutating func readCache(_ member: JSONMember, _ root: JSONValue) {
      guard root.present("prompt_cache_key") != nil else {
        self.dialogue.losses.drop(member.value, because: "without `prompt_cache_key` nothing is cached")
        return
      }
      let isLong =
        root["prompt_cache_retention"]?.matches("24h") == true
        || root["prompt_cache_options"]?["ttl"]?.matches("12h") == true
      self.dialogue.cache = CacheMark(isLong: isLong, value: member.value)
    }

    // MARK: Tools

    private mutating func tool(_ value: JSONValue) throws(Refusal) -> Tool? {
      guard value.kind == .object else {
        self.dialogue.losses.drop(value, because: "a tool must be an object")
        return nil
      }
      let type = value.present("type")?.string
      if value.present("function") == nil, value.present("name") != nil, value.present("input_schema") != nil
      {
        return try self.function(value, value, schema: value.optional("input_schema", .object))
      }
      switch type {
      case "custom":
        let custom = try value.required("custom").expect(.object)
        let grammar = custom.present("format")?.present("grammar")
        return Tool(
          name: try custom.required("name").name(), description: custom.present("description").map(Text.init),
          kind: .custom(
            grammar: grammar.map {
              Tool.Grammar(
                syntax: $0["syntax"].map(Text.init) ?? Text(literal: ""),
                definition: $0["definition"].map(Text.init) ?? Text(literal: ""))
            }), value: value)
      case nil, "function":
        guard let function = value.present("function"), function.kind == .object else {
          self.dialogue.losses.drop(value, because: "a tool without a definition cannot be called")
          return nil
        }
        return try self.function(function, value, schema: function.optional("parameters", .object))
      case let type?:
        self.dialogue.losses.drop(value, word: type, because: "the upstream cannot run this tool")
        self.dialogue.hasLostTools = true
        return nil
      }
    }

    private mutating func function(
      _ value: JSONValue, _ whole: JSONValue, schema: JSONValue?
    ) throws(Refusal) -> Tool? {
      guard let name = value.present("name")?.string, !Text(plain: name).isBlank else {
        self.dialogue.losses.drop(whole, because: "a tool without a name cannot be called")
        return nil
      }
      self.dialogue.losses.dropUnknown(
        of: value,
        except: ["type", "name", "description", "parameters", "input_schema", "strict", "cache_control"])
      return Tool(
        name: name, description: try value.optional("description", .string).map(Text.init),
        kind: .function(schema: schema, isStrict: try value.optional("strict", .bool)?.bool ?? false),
        cache: (value.present("cache_control") ?? whole.present("cache_control")).map(
          Messages.BlockReader.cacheMark),
        value: whole)
    }

    private mutating func readWebSearch(_ value: JSONValue) throws(Refusal) {
      self.dialogue.losses.dropUnknown(of: try value.expect(.object), except: ["user_location"])
      let location = value.present("user_location")
      if let location {
        self.dialogue.losses.dropUnknown(of: try location.expect(.object), except: ["type", "approximate"])
      }
      let approximate = location?.present("approximate")
      if let approximate {
        self.dialogue.losses.dropUnknown(of: approximate, except: Tool.placeMembers)
      }
      self.webSearch = Tool(
        name: "web_search", description: nil, kind: .webSearch(location: approximate), value: value)
    }

    private mutating func readToolChoice(_ value: JSONValue) throws(Refusal) {
      self.dropUnknown(ofChoice: value)
      self.dialogue.toolChoice = ToolChoice(kind: try Self.choice(value), value: value)
    }

    /// A choice stands in two shapes: its name beside its type, or in an object named after the type.
    private mutating func dropUnknown(ofChoice value: JSONValue) {
      self.dialogue.losses.dropUnknown(
        of: value, except: ["type", "name", "function", "custom", "allowed_tools"])
      for name: StaticString in ["function", "custom"] {
        if let inner = value.present(name) { self.dialogue.losses.dropUnknown(of: inner, except: ["name"]) }
      }
      if let inner = value.present("allowed_tools") {
        self.dialogue.losses.dropUnknown(of: inner, except: ["mode", "tools"])
      }
    }

    private static func choice(_ value: JSONValue) throws(Refusal) -> ToolChoice.Kind {
      if value.kind == .string {
        switch try value.name() {
        case "auto", "auto_multi": return .auto
        case "none": return .none
        case "required", "any": return .any
        case let other: throw Refusal(value, "Unknown tool choice `\(other.quoted)`.")
        }
      }
      guard value.kind == .object else { throw value.wrongKind("a string or an object") }
      switch try value.required("type").name() {
      case "auto": return .auto
      case "none": return .none
      case "any", "required": return .any
      case "tool": return .named(try value.required("name").name())
      case "function": return .named(try value.required("function").required("name").name())
      case "custom": return .named(try value.required("custom").required("name").name())
      case "allowed_tools":
        let inner = try value.required("allowed_tools").expect(.object)
        var names: [String] = []
        for tool in try inner.required("tools").expect(.array).elements {
          let named = tool.present("function") ?? tool.present("custom") ?? tool
          names.append(try named.required("name").name())
        }
        return .allowed(names, isForced: inner["mode"]?.matches("required") == true)
      case let other: throw Refusal(try value.required("type"), "Unknown tool choice `\(other.quoted)`.")
      }
    }

    /// `functions` and `function_call`, from the time before tools (matrix C-legacy-1).
    private mutating func readLegacy(_ member: JSONMember) throws(Refusal) {
      let value = member.value
      self.dialogue.isLegacy = true
      if self.dialogue.parallelCalls == nil { self.dialogue.parallelCalls = Setting(false, value) }
      if member.name == "functions" {
        for function in try value.expect(.array).elements {
          let parameters = try function.expect(.object).optional("parameters", .object)
          if let tool = try self.function(function, function, schema: parameters) {
            self.dialogue.tools.append(tool)
          }
        }
      } else if value.kind == .object {
        self.dialogue.losses.dropUnknown(of: value, except: ["name"])
        self.dialogue.toolChoice = ToolChoice(kind: .named(try value.required("name").name()), value: value)
      } else {
        try self.readToolChoice(value)
      }
    }
  }
}
