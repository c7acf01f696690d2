/// One thing an upstream does not take, and how to ask it without (matrix G: self-healing).
///
/// A capability is withdrawn from the profile, so that the request is written as for an upstream that never had it; a
/// member nothing depends on is left out of what was written. What was cured is no remedy again, so nothing is tried twice.
package struct Remedy: Sendable, Equatable {
  /// The member refused, for the log and for what is remembered of the upstream.
  package let field: String

  package init(_ field: String) { self.field = field }

  /// Refused together, not each by itself.
  static let bothSamplings = "temperature with top_p"
  /// Behind a member that must be there.
  static let demand = " required"

  /// Without these the same is still asked. What bounds the cost or shapes the answer is not among them.
  private static let optional: Set<String> = [
    "stream_options", "parallel_tool_calls", "temperature", "top_p", "top_k", "min_p", "seed", "user",
    "safety_identifier", "metadata", "service_tier", "frequency_penalty", "presence_penalty", "logit_bias",
    "logprobs", "top_logprobs", "prompt_cache_key", "prompt_cache_retention", "store", "verbosity",
    "reasoning_effort", "reasoning", "thinking", "output_config", "context_management", "enable_thinking",
    "chat_template_kwargs",
  ]

  private static let capabilities: Set<String> = [
    "parallel_tool_calls", "strict", "temperature", "top_p", "top_k", "safety_identifier", "service_tier",
    "cache_control", "response_format", "json_schema", "continue_final_message", "add_generation_prompt",
    "max_tokens", "max_completion_tokens", "stop", "tool_choice", "reasoning_effort", "enable_thinking",
    "thinking_budget", "thinking", "reasoning", "reasoning_content", "reasoning_details", "developer",
    "system", "signature", "redacted_thinking", "format", "output_format", "prefill", "adaptive", "effort",
    "output_config", "enabled", "budget_tokens", "disabled",
  ]

  static func isCapability(_ name: String) -> Bool { self.capabilities.contains(name) }

  /// Holds for the model's other requests, too; foreign proofs of thought are one conversation's.
  package var isLasting: Bool { !["signature", "redacted_thinking"].contains(self.field) }

  /// False if this changes nothing about how requests are written.
  @discardableResult
  package func apply(to profile: inout Profile, _ settings: inout TranslationSettings) -> Bool {
    let isCured =
      switch profile.dialect {
      case .chat: profile.chat.withdraw(self.field)
      case .messages: profile.messages.withdraw(self.field, &settings)
      }
    if isCured { return true }
    guard Self.optional.contains(self.field), !settings.leftOut.contains(self.field) else { return false }
    settings.leftOut.append(self.field)
    return true
  }
}

extension ChatTraits {
  /// False for what is no capability, or none that is still believed in.
  fileprivate mutating func withdraw(_ field: String) -> Bool {
    switch field {
    case "parallel_tool_calls":
      self.callsOnceUnlessTold = false
      return self.hasParallelSwitch.takeBack()
    case "strict": return self.hasStrict.takeBack()
    case "temperature": return self.hasTemperature.takeBack()
    case "top_p": return self.hasTopP.takeBack()
    case "top_k": return self.hasTopK.takeBack()
    case "safety_identifier": return self.hasSafetyIdentifier.takeBack()
    case "service_tier": return self.hasServiceTier.takeBack()
    case "cache_control": return self.takesCacheControl.takeBack()
    case "response_format", "json_schema": return self.hasSchemaFormat.takeBack()
    case "continue_final_message", "add_generation_prompt": return self.continuesLastMessage.takeBack()
    case "max_tokens":
      defer { self.hasMaxCompletionTokens = true }
      return !self.hasMaxCompletionTokens
    case "max_completion_tokens": return self.hasMaxCompletionTokens.takeBack()
    case "stop":
      defer { self.maxStops = 0 }
      return self.maxStops > 0
    case "tool_choice":
      if case .autoOnly = self.toolChoices { return false }
      self.toolChoices = .autoOnly
      return true
    case "reasoning_effort", "enable_thinking", "thinking_budget", "thinking", "reasoning":
      defer { self.reasoning = .none }
      return self.reasoning != .none
    // Some upstreams refuse their own thoughts in the history, others a history without them.
    case "reasoning_content", "reasoning_details":
      self.needsReasoningBack = false
      defer { self.reasoningBack = .none }
      return self.reasoningBack != .none
    case "reasoning_content" + Remedy.demand: return self.demandReasoning(.member("reasoning_content"))
    case "reasoning_details" + Remedy.demand: return self.demandReasoning(.details)
    case "developer":
      guard self.systemRole == .developer else { return false }
      self.systemRole = .system
      return true
    case "system":
      defer { self.systemRole = .merged }
      return self.systemRole != .merged
    default: return false
    }
  }

  private mutating func demandReasoning(_ member: ReasoningBack) -> Bool {
    guard !self.needsReasoningBack || self.reasoningBack != member else { return false }
    self.reasoningBack = member
    self.needsReasoningBack = true
    return true
  }
}

extension MessagesTraits {
  fileprivate mutating func withdraw(_ field: String, _ settings: inout TranslationSettings) -> Bool {
    switch field {
    case "signature", "redacted_thinking": return settings.returnsThoughts.takeBack()
    case Remedy.bothSamplings: return self.takesBothSamplings.takeBack()
    case "temperature", "top_p", "top_k": return self.hasSampling.takeBack()
    case "format", "output_format": return self.hasFormat.takeBack()
    case "tool_choice": return self.hasForcedTools.takeBack()
    case "prefill": return self.takesPrefill.takeBack()
    case "system": return self.takesSystemTurns.takeBack()
    case "adaptive", "effort", "output_config":
      guard case .adaptive = self.thinking else { return false }
      self.thinking = .manual
      return true
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
}

extension Bool {
  /// Whether there was anything to take back.
  fileprivate mutating func takeBack() -> Bool {
    defer { self = false }
    return self
  }
}
