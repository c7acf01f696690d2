import Wire

/// The codecs of Anthropic's Messages protocol.
package enum Messages {}

extension Messages {
  /// Reads a Messages request into a dialogue.
  struct RequestReader {
    private let dialogue: Dialogue
    private var blocks = BlockReader()
    private let isToBeAnswered: Bool

    /// `isToBeAnswered`: there must be something to answer.
    static func read(_ document: JSONDocument, isToBeAnswered: Bool = true) throws(Refusal) -> Dialogue {
      var reader = RequestReader(dialogue: Dialogue(document), isToBeAnswered: isToBeAnswered)
      try reader.read(document.root.expect(.object))
      reader.dialogue.losses.add(reader.blocks.losses)
      return reader.dialogue
    }

    private init(dialogue: Dialogue, isToBeAnswered: Bool) {
      self.dialogue = dialogue
      self.isToBeAnswered = isToBeAnswered
    }

    private mutating func read(_ root: JSONValue) throws(Refusal) {
      try root.refuseRepeatedMembers()
      var member = root.members
      while member.advance() {
        if member.isNull { continue }
        let value = member.value
        switch true {
        case member.isNamed("model"): self.dialogue.model = try value.name()
        case member.isNamed("max_tokens"): self.dialogue.maxTokens = Setting(try value.count(), value)
        case member.isNamed("messages"): try self.readMessages(value)
        case member.isNamed("system"): try self.readSystem(value)
        case member.isNamed("stop_sequences"):
          for stop in try value.expect(.array).elements {
            self.dialogue.stops.append(Stop(text: try stop.name(), value: stop))
          }
        case member.isNamed("stream"): self.dialogue.isStreaming = try value.flag()
        case member.isNamed("temperature"): self.dialogue.sampling.temperature = try value.expect(.number)
        case member.isNamed("top_p"): self.dialogue.sampling.topP = try value.expect(.number)
        case member.isNamed("top_k"): self.dialogue.sampling.topK = try value.expect(.number)
        case member.isNamed("thinking"): try self.readThinking(value)
        case member.isNamed("output_config"): try self.readOutput(value)
        case member.isNamed("output_format"): try self.readFormat(value)
        case member.isNamed("tools"): try self.readTools(value)
        case member.isNamed("tool_choice"): try self.readToolChoice(value)
        case member.isNamed("metadata"): try self.readMetadata(value)
        case member.isNamed("cache_control"): self.dialogue.cache = BlockReader.cacheMark(value)
        case member.isNamed("service_tier"): self.dialogue.serviceTier = Setting(try value.name(), value)
        default: try self.readOther(member.key, value)
        }
      }
      self.dialogue.wantsUsage = true
    }

    /// Fields with no counterpart: those that change what an answer means are refused (matrix Z-4).
    private mutating func readOther(_ key: JSONValue, _ value: JSONValue) throws(Refusal) {
      switch true {
      case key.matches("container"):
        throw .unsupported(value, "Containers and skills are not available on this upstream.")
      case key.matches("speed") where value.matches("standard"): return
      case key.matches("inference_geo"):
        throw .unsupported(value, "`inference_geo` cannot be honoured on this upstream.")
      case key.matches("thread") where value["type"]?.matches("continue") == true:
        throw .unsupported(value, "A stored thread cannot be continued on this upstream.")
      default:
        self.dialogue.losses.drop(value, because: "the upstream's protocol has no such field")
      }
    }

    private mutating func readSystem(_ value: JSONValue) throws(Refusal) {
      if value.kind == .string {
        self.dialogue.instructions = [TextPart(Text(value), value: value)]
        return
      }
      for (index, block) in try value.expect(.array).elements.enumerated() {
        let part = try self.blocks.textBlock(block)
        // Changes with every request, so it would break every prefix cache (matrix A-system-1).
        if index == 0, part.text.hasPrefix("x-anthropic-billing-header:") {
          self.dialogue.losses.drop(block, because: "attribution of the client, not for the model")
        } else {
          self.dialogue.instructions.append(part)
        }
      }
    }

    private mutating func readMessages(_ value: JSONValue) throws(Refusal) {
      for message in try value.expect(.array).elements {
        let role: Role
        let speaker = try message.expect(.object).required("role")
        if speaker.matches("user") {
          role = .user
        } else if speaker.matches("assistant") {
          role = .assistant
        } else if speaker.matches("system") {
          role = .system
        } else {
          throw Refusal(speaker, "Unknown role `\(try speaker.name().quoted)`.")
        }
        self.dialogue.losses.dropUnknown(of: message, except: ["role", "content"])
        let content = try message.required("content")
        var parts: [Part] = []
        if content.kind == .string {
          parts.append(.text(TextPart(Text(content), value: content)))
        } else {
          guard content.kind == .array else { throw content.wrongKind("a string or an array") }
          for block in content.elements {
            if let part = try self.blocks.read(block, in: role) { parts.append(part) }
          }
        }
        self.dialogue.turns.append(Turn(role, parts, value: message))
      }
      if self.dialogue.turns.isEmpty, self.isToBeAnswered {
        throw Refusal(
          "empty_messages: `messages` must not be empty.", param: "messages", code: "empty_messages")
      }
    }

    private mutating func readThinking(_ value: JSONValue) throws(Refusal) {
      let mode: ReasoningWish.Mode
      switch try value.expect(.object).required("type").name() {
      case "disabled": mode = .disabled
      case "enabled": mode = .budget(try value.required("budget_tokens").count())
      case "adaptive", "between_tools": mode = .adaptive
      case let other: throw Refusal(try value.required("type"), "Unknown kind of thinking `\(other.quoted)`.")
      }
      self.dialogue.reasoning.mode = Setting(mode, value)
      if let display = value.present("display") {
        self.dialogue.reasoning.isShown = !display.matches("omitted")
      }
      self.dialogue.losses.dropUnknown(of: value, except: ["type", "budget_tokens", "display"])
    }

    private mutating func readOutput(_ value: JSONValue) throws(Refusal) {
      for member in try value.expect(.object).members where !member.value.isNull {
        switch member.name {
        case "effort":
          guard let effort = Effort(rawValue: try member.value.name()), effort >= .low else {
            throw Refusal(member.value, "`\(member.value.path)` must be low, medium, high, xhigh or max.")
          }
          self.dialogue.reasoning.effort = Setting(effort, member.value)
        case "format": try self.readFormat(member.value)
        default: self.dialogue.losses.drop(member.value, because: "the upstream's protocol has no such field")
        }
      }
    }

    private mutating func readFormat(_ value: JSONValue) throws(Refusal) {
      guard try value.expect(.object).required("type").matches("json_schema") else {
        throw Refusal(value, "`\(value.path).type` must be json_schema.")
      }
      let schema = try value.required("schema").expect(.object)
      self.dialogue.format = OutputFormat(
        kind: .schema(schema, name: nil, description: nil, isStrict: nil), value: value)
      self.dialogue.losses.dropUnknown(of: value, except: ["type", "schema"])
    }

    private mutating func readMetadata(_ value: JSONValue) throws(Refusal) {
      if let user = try value.expect(.object).present("user_id") {
        self.dialogue.endUser = EndUser(text: try user.name(), isSafe: false, value: user)
      }
      self.dialogue.losses.dropUnknown(of: value, except: ["user_id"])
    }

    private mutating func readToolChoice(_ value: JSONValue) throws(Refusal) {
      let kind: ToolChoice.Kind
      switch try value.expect(.object).required("type").name() {
      case "auto": kind = .auto
      case "any": kind = .any
      case "none": kind = .none
      case "tool": kind = .named(try value.required("name").name())
      case let other: throw Refusal(try value.required("type"), "Unknown tool choice `\(other.quoted)`.")
      }
      self.dialogue.toolChoice = ToolChoice(kind: kind, value: value)
      if let isDisabled = value.present("disable_parallel_tool_use") {
        self.dialogue.parallelCalls = Setting(!(try isDisabled.flag()), isDisabled)
      }
      self.dialogue.losses.dropUnknown(of: value, except: ["type", "name", "disable_parallel_tool_use"])
    }

    private mutating func readTools(_ value: JSONValue) throws(Refusal) {
      for tool in try value.expect(.array).elements {
        if let read = try self.tool(tool) { self.dialogue.tools.append(read) }
      }
    }

    private mutating func tool(_ value: JSONValue) throws(Refusal) -> Tool? {
      let type = try value.expect(.object).present("type").map { (value) throws(Refusal) in try value.name() }
      if type == "function", let function = value.present("function"), function.kind == .object {
        self.dialogue.losses.add(.changed, value, because: "a tool of another protocol is read as a function")
        return try self.function(function, value, schema: function.optional("parameters", .object))
      }
      switch type {
      case nil, "custom":
        return try self.function(value, value, schema: value.optional("input_schema", .object))
      case let type?:
        guard let name = value.present("name")?.string else {
          self.lose(value, type)
          return nil
        }
        let cache = value.present("cache_control").map(BlockReader.cacheMark)
        if let builtIn = BuiltInTool(type: type) {
          self.dialogue.losses.dropUnknown(of: value, except: ["type", "name", "cache_control"])
          return Tool(name: name, description: nil, kind: .builtIn(builtIn), cache: cache, value: value)
        }
        if type.hasPrefix("web_search_") {
          return Tool(
            name: name, description: nil, kind: .webSearch(location: value.present("user_location")),
            cache: cache, value: value)
        }
        self.lose(value, type)
        return nil
      }
    }

    private mutating func lose(_ tool: JSONValue, _ type: String) {
      self.dialogue.losses.drop(tool, word: type, because: "the upstream cannot run this tool")
      self.dialogue.hasLostTools = true
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
        except: [
          "type", "name", "description", "input_schema", "parameters", "strict", "cache_control", "function",
        ])
      return Tool(
        name: name, description: try value.optional("description", .string).map(Text.init),
        kind: .function(schema: schema, isStrict: try value.optional("strict", .bool)?.bool ?? false),
        cache: value.present("cache_control").map(BlockReader.cacheMark), value: whole)
    }
  }
}
