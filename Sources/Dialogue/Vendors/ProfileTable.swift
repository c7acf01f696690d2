/// The upstreams known by name. A new vendor is one row here.
package enum ProfileTable {
  /// Names used in older papers and in test cases.
  private static let aliases: [String: String] = [
    "P-LEGACY": "generic", "P-CHAT": "openai", "P-CHAT-REASON": "openai-reasoning", "P-DEEPSEEK": "deepseek",
    "P-MISTRAL": "mistral", "P-GEMINI": "gemini", "P-OPENROUTER": "openrouter", "P-THINKTAG": "thinktag",
    "P-A45": "anthropic-4.5", "P-A5": "anthropic-5", "P-A5-ALWAYS": "anthropic-5-always",
  ]

  package static func profile(named name: String) -> Profile? {
    let name = self.aliases[name.uppercased()] ?? name.lowercased()
    return self.rows.first { $0.name == name }
  }

  package static func standard(for dialect: Dialect) -> Profile {
    switch dialect {
    case .messages: self.anthropic
    case .chat: self.generic
    }
  }

  package static var names: [String] { self.rows.map(\.name) }

  private static let ladder: [Effort] = [.none, .low, .medium, .high, .xhigh]
  private static let claudeLadder: [Effort] = [.low, .medium, .high, .xhigh, .max]

  private static let anthropic = Profile("anthropic", .messages).messages {
    $0.takesBothSamplings = true
  }

  private static let generic = Profile("generic", .chat).legacy { _ in }

  private static let rows: [Profile] = [
    anthropic,
    Profile("anthropic-4.5", .messages),
    Profile("anthropic-4.6", .messages).messages {
      $0.thinking = .adaptive([.low, .medium, .high, .max], canBeDisabled: true)
      $0.takesPrefill = false
    },
    Profile("anthropic-4.7", .messages).messages {
      $0.thinking = .adaptive(claudeLadder, canBeDisabled: true)
      $0.hasSampling = false
      $0.takesPrefill = false
    },
    Profile("anthropic-5", .messages).messages {
      $0.thinking = .adaptive(claudeLadder, canBeDisabled: true)
      $0.hasSampling = false
      $0.takesPrefill = false
      $0.takesSystemTurns = true
    },
    Profile("anthropic-5-thinking", .messages).messages {
      $0.thinking = .adaptive(claudeLadder, canBeDisabled: false)
      $0.hasSampling = false
      $0.takesPrefill = false
      $0.takesSystemTurns = true
    },
    Profile("anthropic-5-always", .messages).messages {
      $0.thinking = .adaptive(claudeLadder, canBeDisabled: false)
      $0.hasSampling = false
      $0.takesPrefill = false
      $0.takesSystemTurns = true
      $0.hasForcedTools = false
    },
    generic,
    Profile("openai", .chat).chat {
      $0.idRule = .pass(maxLength: 40)
      $0.hasServiceTier = true
    },
    Profile("openai-reasoning", .chat).chat {
      $0.idRule = .pass(maxLength: 40)
      $0.hasServiceTier = true
      $0.maxStops = 0
      $0.samplesOnlyWithoutEffort = true
      $0.reasoning = .effort(ladder)
    },
    Profile("azure", .chat).chat {
      $0.idRule = .pass(maxLength: 40)
      $0.hasServiceTier = true
    },
    Profile("thinktag", .chat).legacy { $0.parsesThinkTags = true },
    Profile("vllm", .chat).vendor {
      $0.hasTopK = true
      $0.maxStops = .max
      $0.reasoningBack = .member("reasoning")
      $0.continuesLastMessage = true
    },
    Profile("sglang", .chat).vendor {
      $0.hasTopK = true
      $0.maxStops = .max
      $0.reasoningBack = .member("reasoning_content")
      $0.continuesLastMessage = true
    },
    Profile("ollama", .chat).vendor {
      $0.hasTopK = true
      $0.maxStops = .max
      $0.reasoning = .effort([.none, .low, .medium, .high, .max])
      $0.effortMap = [.minimal: .low, .xhigh: .max]
      $0.reasoningBack = .member("reasoning")
      $0.toolChoices = .autoOnly
      $0.takesFiles = false
      $0.takesImageURLs = false
      $0.imageTypes = ["image/jpeg", "image/jpg", "image/png", "image/webp"]
      $0.hasSafetyIdentifier = false
    },
    Profile("deepseek", .chat).vendor {
      $0.reasoning = .thinking([.low, .high, .max])
      $0.effortMap = [.minimal: .low, .medium: .high, .xhigh: .high]
      $0.reasoningBack = .member("reasoning_content")
      $0.needsReasoningBack = true
      $0.maxStops = 16
      $0.takesFiles = false
      $0.hasSafetyIdentifier = false
      $0.hasSchemaFormat = false
    },
    Profile("mistral", .chat).vendor {
      $0.requiredWord = "any"
      $0.toolChoices = .unnamed
      $0.idRule = .nineDigits
      $0.refusesUserAfterTool = true
      $0.alternatesRoles = true
      $0.renamedFields = ["seed": "random_seed"]
      $0.strippedFields = [
        "user", "store", "metadata", "logprobs", "top_logprobs", "logit_bias", "verbosity", "modalities",
        "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
        "prompt_cache_options", "web_search_options",
      ]
      $0.strippedMessageFields = ["name", "partial"]
      $0.namesToolMessages = true
      $0.strippedSchemaKeys = ["$schema", "$id"]
      $0.hasParallelSwitch = true
      $0.maxStops = .max
      $0.hasStreamOptions = false
      $0.hasSafetyIdentifier = false
      $0.reasoning = .effort([.none, .high])
      $0.prefillMember = "prefix"
    },
    Profile("gemini", .chat).vendor {
      $0.reasoning = .effort([.none, .minimal, .low, .medium, .high])
      $0.maxStops = 5
      $0.needsPlainSchemas = true
      $0.needsThoughtSignature = true
      $0.takesImageURLs = false
      $0.hasSafetyIdentifier = false
    },
    Profile("openrouter", .chat).vendor {
      $0.joinsTexts = false
      $0.reasoning = .nested([.none, .minimal, .low, .medium, .high, .xhigh])
      $0.reasoningBack = .details
      $0.hasParallelSwitch = true
      $0.takesCacheControl = true
    },
    Profile("groq", .chat).vendor {
      $0.hasMaxCompletionTokens = true
      $0.reasoning = .effort([.none, .low, .medium, .high])
      $0.strippedFields = ["logprobs", "top_logprobs", "logit_bias"]
      $0.strippedMessageFields = ["name"]
      $0.hasParallelSwitch = true
      $0.hasServiceTier = true
      $0.hasSafetyIdentifier = false
    },
    Profile("xai", .chat).vendor {
      $0.hasMaxCompletionTokens = true
      $0.reasoning = .effort([.none, .low, .medium, .high])
      $0.maxStops = 0
      $0.strippedFields = ["presence_penalty", "frequency_penalty"]
      $0.strippedMessageFields = ["name"]
      $0.countsReasoningApart = true
      $0.hasSafetyIdentifier = false
      $0.joinsTexts = false
    },
    Profile("kimi", .chat).vendor {
      $0.hasMaxCompletionTokens = true
      $0.hasTemperature = false
      $0.hasTopP = false
      $0.strippedFields = ["presence_penalty", "frequency_penalty"]
      $0.reasoning = .thinking([.low, .high, .max])
      $0.reasoningBack = .member("reasoning_content")
      $0.needsReasoningBack = true
      $0.toolChoices = .unforced
      $0.prefillMember = "partial"
      $0.hasSafetyIdentifier = false
    },
    Profile("glm", .chat).vendor {
      $0.reasoning = .thinking([.low, .high, .max])
      $0.reasoningBack = .member("reasoning_content")
      $0.keepsThinking = true
      $0.maxTemperature = 1
      $0.strippedFields = ["presence_penalty", "frequency_penalty"]
      $0.strippedMessageFields = ["name"]
      $0.maxStops = 1
      $0.saysAuto = true
      $0.toolChoices = .autoOnly
      $0.toolStreamMember = "tool_stream"
      $0.takesCacheControl = true
      $0.hasSafetyIdentifier = false
    },
    Profile("qwen", .chat).vendor {
      $0.reasoning = .switched
      $0.hasTopK = true
      $0.choosesFreelyWhileThinking = true
      $0.hasParallelSwitch = true
      $0.callsOnceUnlessTold = true
      $0.takesCacheControl = true
      $0.prefillMember = "partial"
      $0.hasSafetyIdentifier = false
    },
  ]
}

extension Profile {
  fileprivate func chat(_ change: (inout ChatTraits) -> Void) -> Profile {
    var copy = self
    change(&copy.chat)
    return copy
  }

  /// A row that starts from what every compatible server understands.
  fileprivate func legacy(_ change: (inout ChatTraits) -> Void) -> Profile {
    self.chat {
      $0.hasMaxCompletionTokens = false
      $0.joinsTexts = true
      $0.allowsNullContent = false
      $0.hasParallelSwitch = false
      $0.hasStrict = false
      $0.hasCustomTools = false
      change(&$0)
    }
  }

  /// A known vendor: as a legacy server, and its replies are rebuilt even for clients of its own protocol.
  fileprivate func vendor(_ change: (inout ChatTraits) -> Void) -> Profile {
    var copy = self.legacy(change)
    copy.isNormalised = true
    return copy
  }

  fileprivate func messages(_ change: (inout MessagesTraits) -> Void) -> Profile {
    var copy = self
    change(&copy.messages)
    return copy
  }
}
