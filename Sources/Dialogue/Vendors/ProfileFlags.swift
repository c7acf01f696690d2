package import Wire

/// Single capabilities set by the operator, over what the table says.
extension Profile {
  /// The profile with the members of an object applied, such as `{"stop_max": 2, "think_tags": true}`.
  package func overridden(by flags: JSONValue) throws(Refusal) -> Profile {
    var copy = self
    for member in try flags.expect(.object).members where !member.value.isNull {
      let isKnown: Bool
      switch copy.dialect {
      case .chat: isKnown = try copy.chat.set(member.name, member.value)
      case .messages: isKnown = try copy.messages.set(member.name, member.value)
      }
      if isKnown { continue }
      guard member.name == "normalise" else {
        throw Refusal(member.value, "There is no capability `\(member.name)`.")
      }
      copy.isNormalised = try member.value.flag()
    }
    return copy
  }
}

extension ChatTraits {
  /// False for a name that is no capability.
  fileprivate mutating func set(_ name: String, _ value: JSONValue) throws(Refusal) -> Bool {
    switch name {
    case "max_tokens_field":
      self.hasMaxCompletionTokens = try value.oneOf(["max_completion_tokens": true, "max_tokens": false])
    case "system_role":
      self.systemRole = try value.oneOf(["developer": .developer, "system": .system, "merge": .merged])
    case "alternate_roles": self.alternatesRoles = try value.flag()
    case "image_url": self.takesImageURLs = try value.oneOf(["remote": true, "inline": false])
    case "image_types": self.imageTypes = try value.names()
    case "strip_fields": self.strippedFields = try value.names()
    case "content_form": self.joinsTexts = try value.oneOf(["string_when_text": true, "parts": false])
    case "assistant_null": self.allowsNullContent = try value.flag()
    case "stop_max": self.maxStops = try value.matches("unlimited") ? Int.max : value.size()
    case "temperature": self.hasTemperature = try value.flag()
    case "temperature_max": self.maxTemperature = try value.size()
    case "top_p": self.hasTopP = try value.flag()
    case "top_k": self.hasTopK = try value.flag()
    case "sampling_needs_no_effort": self.samplesOnlyWithoutEffort = try value.flag()
    case "stream_usage": self.hasStreamOptions = try value.flag()
    case "tool_choice":
      self.toolChoices = try value.oneOf([
        "all": .all, "unnamed": .unnamed, "unforced": .unforced, "auto": .autoOnly,
      ])
    case "tool_choice_auto": self.saysAuto = try value.flag()
    case "no_forced_tools_while_thinking": self.choosesFreelyWhileThinking = try value.flag()
    case "required_word": self.requiredWord = try value.name()
    case "parallel_flag": self.hasParallelSwitch = try value.flag()
    case "parallel_default_off": self.callsOnceUnlessTold = try value.flag()
    case "keep_thinking": self.keepsThinking = try value.flag()
    case "continue_final_message": self.continuesLastMessage = try value.flag()
    case "strict_flag": self.hasStrict = try value.flag()
    case "custom_tools": self.hasCustomTools = try value.flag()
    case "reasoning_back":
      self.reasoningBack = try value.oneOf([
        "none": .none, "reasoning_content": .member("reasoning_content"), "reasoning": .member("reasoning"),
        "reasoning_details": .details,
      ])
    case "reasoning_back_required": self.needsReasoningBack = try value.flag()
    case "tool_id":
      self.idRule = try value.oneOf([
        "pass": .pass(maxLength: nil), "sanitize": .sanitised, "mistral9": .nineDigits,
      ])
    case "no_user_after_tool": self.refusesUserAfterTool = try value.flag()
    case "name_on_tool_messages": self.namesToolMessages = try value.flag()
    case "safety_identifier": self.hasSafetyIdentifier = try value.flag()
    case "service_tier": self.hasServiceTier = try value.flag()
    case "cache_control": self.takesCacheControl = try value.flag()
    case "files": self.takesFiles = try value.flag()
    case "schema_format": self.hasSchemaFormat = try value.flag()
    case "plain_schemas": self.needsPlainSchemas = try value.flag()
    case "think_tags": self.parsesThinkTags = try value.flag()
    case "reasoning_counted_apart": self.countsReasoningApart = try value.flag()
    case "prefill_member": self.prefillMember = try value.name()
    case "tool_stream_member": self.toolStreamMember = try value.name()
    case "reasoning_in": self.reasoning = try Self.style(value)
    case "strip_schema_keys":
      self.strippedSchemaKeys = try value.names()
    default: return false
    }
    return true
  }

  /// `"none"`, `"enable_thinking"`, or an object with one of `effort`, `thinking`, `reasoning` and its levels.
  private static func style(_ value: JSONValue) throws(Refusal) -> ReasoningStyle {
    if value.kind == .string { return try value.oneOf(["none": .none, "enable_thinking": .switched]) }
    for member in try value.expect(.object).members {
      let levels = try member.value.efforts()
      switch member.name {
      case "effort": return .effort(levels)
      case "thinking": return .thinking(levels)
      case "reasoning": return .nested(levels)
      default: break
      }
    }
    throw Refusal(value, "`\(value.path)` names no way to ask for reasoning.")
  }
}

extension MessagesTraits {
  fileprivate mutating func set(_ name: String, _ value: JSONValue) throws(Refusal) -> Bool {
    switch name {
    case "default_max_tokens": self.defaultMaxTokens = try value.size()
    case "sampling": self.hasSampling = try value.flag()
    case "both_samplings": self.takesBothSamplings = try value.flag()
    case "prefill": self.takesPrefill = try value.flag()
    case "system_turns": self.takesSystemTurns = try value.flag()
    case "schema_format": self.hasFormat = try value.flag()
    case "forced_tools": self.hasForcedTools = try value.flag()
    case "thinking":
      if value.matches("manual") {
        self.thinking = .manual
      } else {
        let levels = try value.expect(.object).required("adaptive").efforts()
        self.thinking = .adaptive(levels, canBeDisabled: value["can_be_disabled"]?.bool ?? true)
      }
    default: return false
    }
    return true
  }
}

extension JSONValue {
  fileprivate func oneOf<Choice>(_ choices: [String: Choice]) throws(Refusal) -> Choice {
    guard let choice = choices[try self.name()] else {
      throw Refusal(self, "`\(self.path)` must be one of \(choices.keys.sorted().joined(separator: ", ")).")
    }
    return choice
  }

  fileprivate func names() throws(Refusal) -> [String] {
    var names: [String] = []
    for element in try self.expect(.array).elements { names.append(try element.name()) }
    return names
  }

  fileprivate func size() throws(Refusal) -> Int {
    let count = try self.count()
    guard count >= 0 else { throw Refusal(self, "`\(self.path)` must not be negative.") }
    return count
  }

  fileprivate func efforts() throws(Refusal) -> [Effort] {
    var levels: [Effort] = []
    for element in try self.expect(.array).elements {
      guard let level = Effort(rawValue: try element.name()) else {
        throw Refusal(element, "`\(element.path)` is no effort.")
      }
      levels.append(level)
    }
    return levels
  }
}
