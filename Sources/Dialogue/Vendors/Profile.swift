/// The protocols the daemon speaks.
package enum Dialect: String, CaseIterable, Sendable {
  case messages = "anthropic"
  case chat = "openai-chat"
}

/// What an upstream can do and how it wants to be told: a row of `ProfileTable`.
///
/// Each request hands it on several times, so it is one reference.
package struct Profile: Sendable {
  final class Row: Sendable {
    let name: String
    let dialect: Dialect
    let isNormalised: Bool
    let chat: ChatTraits
    let messages: MessagesTraits

    init(
      _ name: String, _ dialect: Dialect, _ isNormalised: Bool, _ chat: ChatTraits, _ messages: MessagesTraits
    ) {
      self.name = name
      self.dialect = dialect
      self.isNormalised = isNormalised
      self.chat = chat
      self.messages = messages
    }
  }

  /// For whoever looks at one capability after another.
  private(set) var row: Row

  package init(_ name: String, _ dialect: Dialect) {
    self.row = Row(name, dialect, false, ChatTraits(), MessagesTraits())
  }

  package var name: String { self.row.name }
  package var dialect: Dialect { self.row.dialect }

  /// Replies of the client's own protocol are rebuilt instead of relayed.
  package var isNormalised: Bool {
    get { self.row.isNormalised }
    set { self.row = Row(self.name, self.dialect, newValue, self.chat, self.messages) }
  }

  package var chat: ChatTraits {
    get { self.row.chat }
    set { self.row = Row(self.name, self.dialect, self.isNormalised, newValue, self.messages) }
  }

  package var messages: MessagesTraits {
    get { self.row.messages }
    set { self.row = Row(self.name, self.dialect, self.isNormalised, self.chat, newValue) }
  }
}

/// Capabilities of an upstream that speaks Chat Completions (matrix G1).
package struct ChatTraits: Sendable {
  package enum ReasoningStyle: Sendable, Equatable {
    /// It has no reasoning to steer.
    case none
    /// `reasoning_effort`.
    case effort([Effort])
    /// `thinking: {type}` and, where there are levels, `reasoning_effort` beside it.
    case thinking([Effort])
    /// `enable_thinking` and `thinking_budget`.
    case switched
    /// `reasoning: {effort}`.
    case nested([Effort])
  }

  /// How reasoning goes back on assistant messages.
  package enum ReasoningBack: Sendable, Equatable {
    case none
    case member(String)
    /// `reasoning` and `reasoning_details`.
    case details
  }

  /// Who gives instructions.
  package enum SystemRole: Sendable {
    case system
    /// By the operator's word alone (matrix G1): the vendors that know it take `system` as well (G2).
    case developer
    /// Nobody: they stand in front of what the user says first.
    case merged
  }

  package enum ToolChoices: Sendable {
    case all
    /// No single tool can be named: it is sent alone and any is required.
    case unnamed
    /// Auto and none; whoever wants a call has to ask for it in a last message.
    case unforced
    case autoOnly
  }

  package var hasMaxCompletionTokens = true
  package var systemRole = SystemRole.system
  /// Messages of one role in a row become one (matrix B-A2C-9).
  package var alternatesRoles = false
  /// Several texts become one string.
  package var joinsTexts = false
  package var allowsNullContent = true
  package var maxStops = 4
  package var hasTemperature = true
  package var maxTemperature = 2
  package var hasTopP = true
  package var hasTopK = false
  /// Sampling is refused unless the effort is none.
  package var samplesOnlyWithoutEffort = false
  package var hasStreamOptions = true
  package var toolChoices = ToolChoices.all
  /// A free choice is said, too, where nothing else can be.
  package var saysAuto = false
  /// No call can be forced while the model thinks.
  package var choosesFreelyWhileThinking = false
  package var requiredWord = "required"
  package var hasParallelSwitch = true
  /// One call at most unless several are asked for.
  package var callsOnceUnlessTold = false
  package var hasStrict = true
  package var hasCustomTools = true
  package var reasoning = ReasoningStyle.none
  /// The vendor's own reading of levels it does not list; comes before any clamp.
  package var effortMap: [Effort: Effort] = [:]
  package var reasoningBack = ReasoningBack.none
  /// Assistant messages with calls must carry their reasoning, be it a blank.
  package var needsReasoningBack = false
  package var idRule = IDRule.pass(maxLength: nil)
  package var refusesUserAfterTool = false
  package var namesToolMessages = false
  package var strippedSchemaKeys: [String] = []
  /// Schemas must keep to a subset without constants, alternatives and lists of types.
  package var needsPlainSchemas = false
  /// Calls must carry the vendor's proof of thought, or a word that there is none.
  package var needsThoughtSignature = false
  /// A switch without which the arguments of calls are not streamed.
  package var toolStreamMember: String?
  package var hasSafetyIdentifier = true
  package var hasServiceTier = false
  package var takesCacheControl = false
  package var takesFiles = true
  /// Images behind a URL; else only those in the request itself.
  package var takesImageURLs = true
  /// Types of images; empty = all.
  package var imageTypes: [String] = []
  /// Members the upstream refuses even from clients of its own protocol.
  package var strippedFields: [String] = []
  /// The same of messages.
  package var strippedMessageFields: [String] = []
  /// Members it knows by another name.
  package var renamedFields: [String: String] = [:]
  package var hasSchemaFormat = true
  package var parsesThinkTags = false
  /// Reasoning tokens are not part of the completion tokens.
  package var countsReasoningApart = false
  /// Thinking of earlier turns is kept for tool loops only if asked.
  package var keepsThinking = false
  /// A trailing assistant message is gone on with if the template is told to.
  package var continuesLastMessage = false
  /// The member that marks a trailing assistant message as a beginning to go on with.
  package var prefillMember: String?
}

/// Capabilities of an upstream that speaks Messages (matrix A4.3).
package struct MessagesTraits: Sendable {
  package enum Thinking: Sendable {
    /// A budget of tokens.
    case manual
    /// The model decides; the effort is a level.
    case adaptive([Effort], canBeDisabled: Bool)
  }

  package var defaultMaxTokens = 32000
  package var thinking = Thinking.manual
  package var hasSampling = true
  /// Temperature and top_p may stand together.
  package var takesBothSamplings = false
  package var takesPrefill = true
  package var takesSystemTurns = false
  package var hasFormat = true
  package var hasForcedTools = true
}
