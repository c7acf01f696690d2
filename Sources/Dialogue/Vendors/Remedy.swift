/// What to leave out when a request is made once more, after an upstream refused it for one thing it does not know
/// (matrix G: self-healing).
///
/// Made from the refusal and the profile alone. A profile that has been cured of something gives no remedy for it
/// again, so nothing is tried twice.
package struct Remedy: Sendable {
  /// What was refused, for the log and for what is remembered of the upstream.
  package let field: String
  /// The upstream as it is known to be now.
  package let profile: Profile
  package let settings: TranslationSettings

  package init?(for failure: Failure, _ profile: Profile, _ settings: TranslationSettings) {
    guard failure.kind == .invalidRequest else { return nil }
    let complaint = Complaint(failure)
    var profile = profile
    var settings = settings
    for field in complaint.fields {
      let isCured =
        switch profile.dialect {
        case .chat: profile.chat.cure(field, complaint)
        case .messages: profile.messages.cure(field, complaint, &settings)
        }
      guard isCured else { continue }
      self.field = field
      self.profile = profile
      self.settings = settings
      return
    }
    return nil
  }
}

/// What a refusal says, in the many words there are for "I do not know this".
struct Complaint {
  let text: String
  /// Names of members, the most certain first, without the path in front of them.
  let fields: [String]

  private static let heads = [
    "unknown parameter", "unsupported parameter", "unrecognized request argument", "unknown field",
    "unexpected parameter", "does not support parameter", "extra inputs are not permitted", "extra_forbidden",
    "is not supported", "not supported with", "unsupported value", "are not supported", "does not support",
    "is deprecated", "not allowed", "unexpected role", "invalid role", "cannot both be specified",
    "must be passed back", "invalid signature", "prefill", "must end with a user", "not permitted",
    "unsupported",
  ]

  init(_ failure: Failure) {
    let text = failure.message.lowercased().filter { $0 != "`" }
    self.text = text
    guard Self.heads.contains(where: { text.contains($0) }) else {
      self.fields = []
      return
    }
    var names: [String] = []
    if let param = failure.param { names += Self.names(inPath: param.lowercased()) }
    // Words in quotes, and what stands in front of a colon, as in `body.strict: Extra inputs`.
    for (index, piece) in text.split(whereSeparator: { "'\"".contains($0) }).enumerated() where index % 2 == 1
    {
      names += Self.names(inPath: String(piece))
    }
    for word in text.split(whereSeparator: { " ,;()[]".contains($0) }) {
      names += Self.names(inPath: String(word.drop { "'\"".contains($0) }))
    }
    var seen: Set<String> = []
    self.fields = names.filter { seen.insert($0).inserted }
  }

  /// The path's last member first: `messages.3.content.0.thinking.signature` complains of the signature.
  private static func names(inPath path: String) -> [String] {
    let parts = path.split { !($0.isLetter || $0 == "_" || $0.isNumber) }
    return parts.reversed().map(String.init).filter { !$0.allSatisfy(\.isNumber) }
  }

  func says(_ words: String) -> Bool { self.text.contains(words) }
}

extension ChatTraits {
  /// False for what is no capability, or none that is still believed in.
  fileprivate mutating func cure(_ field: String, _ complaint: Complaint) -> Bool {
    switch field {
    case "stream_options", "include_usage": return Self.withdraw(&self.hasStreamOptions)
    case "parallel_tool_calls":
      self.callsOnceUnlessTold = false
      return Self.withdraw(&self.hasParallelSwitch)
    case "strict": return Self.withdraw(&self.hasStrict)
    case "temperature": return Self.withdraw(&self.hasTemperature)
    case "top_p": return Self.withdraw(&self.hasTopP)
    case "top_k": return Self.withdraw(&self.hasTopK)
    case "safety_identifier": return Self.withdraw(&self.hasSafetyIdentifier)
    case "service_tier": return Self.withdraw(&self.hasServiceTier)
    case "cache_control": return Self.withdraw(&self.takesCacheControl)
    case "response_format", "json_schema": return Self.withdraw(&self.hasSchemaFormat)
    case "continue_final_message", "add_generation_prompt": return Self.withdraw(&self.continuesLastMessage)
    case "max_tokens" where complaint.says("max_completion_tokens"):
      return Self.claim(&self.hasMaxCompletionTokens)
    case "max_completion_tokens": return Self.withdraw(&self.hasMaxCompletionTokens)
    case "stop": return self.withdrawStops()
    case "tool_choice": return self.withdrawChoices()
    case "reasoning_effort", "enable_thinking", "thinking_budget", "thinking", "reasoning":
      guard self.reasoning != .none else { return false }
      self.reasoning = .none
      return true
    case "reasoning_content", "reasoning_details": return self.cureReasoning(field, complaint)
    case "developer":
      guard self.systemRole == .developer else { return false }
      self.systemRole = .system
      return true
    case "system" where complaint.says("role"):
      guard self.systemRole != .merged else { return false }
      self.systemRole = .merged
      return true
    default: return false
    }
  }

  private static func withdraw(_ flag: inout Bool) -> Bool {
    defer { flag = false }
    return flag
  }

  private static func claim(_ flag: inout Bool) -> Bool {
    defer { flag = true }
    return !flag
  }

  private mutating func withdrawStops() -> Bool {
    defer { self.maxStops = 0 }
    return self.maxStops > 0
  }

  private mutating func withdrawChoices() -> Bool {
    if case .autoOnly = self.toolChoices { return false }
    self.toolChoices = .autoOnly
    return true
  }

  /// Some upstreams refuse their own thoughts in the history, others a history without them.
  private mutating func cureReasoning(_ field: String, _ complaint: Complaint) -> Bool {
    if complaint.says("must be passed back") || complaint.says("missing") || complaint.says("required") {
      guard !self.needsReasoningBack else { return false }
      self.reasoningBack = .member(field)
      self.needsReasoningBack = true
      return true
    }
    guard self.reasoningBack != .none else { return false }
    self.reasoningBack = .none
    self.needsReasoningBack = false
    return true
  }
}

extension MessagesTraits {
  fileprivate mutating func cure(
    _ field: String, _ complaint: Complaint, _ settings: inout TranslationSettings
  ) -> Bool {
    switch field {
    case "signature", "redacted_thinking":
      defer { settings.returnsThoughts = false }
      return settings.returnsThoughts
    case "temperature", "top_p", "top_k":
      if complaint.says("both"), self.takesBothSamplings {
        self.takesBothSamplings = false
        return true
      }
      defer { self.hasSampling = false }
      return self.hasSampling
    case "format", "output_format": return Self.withdraw(&self.hasFormat)
    case "tool_choice": return Self.withdraw(&self.hasForcedTools)
    case "prefill": return Self.withdraw(&self.takesPrefill)
    case "user" where complaint.says("must end with a user"): return Self.withdraw(&self.takesPrefill)
    case "system" where complaint.says("role"): return Self.withdraw(&self.takesSystemTurns)
    case "adaptive", "effort", "output_config": return self.withdrawAdaptive()
    case "enabled", "budget_tokens":
      guard case .manual = self.thinking else { return false }
      self.thinking = .adaptive([.low, .medium, .high], canBeDisabled: true)
      return true
    case "disabled":
      guard case .adaptive(let levels, canBeDisabled: true) = self.thinking else { return false }
      self.thinking = .adaptive(levels, canBeDisabled: false)
      return true
    default: return false
    }
  }

  private static func withdraw(_ flag: inout Bool) -> Bool {
    defer { flag = false }
    return flag
  }

  private mutating func withdrawAdaptive() -> Bool {
    guard case .adaptive = self.thinking else { return false }
    self.thinking = .manual
    return true
  }
}
