/// What the operator decides about translations; nothing of it is in the request.
package struct TranslationSettings: Sendable {
  /// Stands in front of the client's own instructions towards a Messages upstream.
  package var systemPrompt: String?
  /// For clients that set no limit where the upstream needs one; nil = the profile's.
  package var defaultMaxTokens: Int?
  /// Limits above it are lowered.
  package var maxTokensCeiling: Int?
  /// Sent to a Messages upstream when the client names nobody.
  package var userID: String?
  /// Whether clients of Chat Completions see what the model thinks.
  package var exposesReasoning = true
  /// Refuse what cannot be carried whole.
  package var refusesLosses = false
  /// The version of Anthropic's protocol the client speaks, as its header names it.
  package var clientVersion: String?
  /// Keep what upstreams want back with their calls (`ToolStateCache`).
  package var remembersState = false
  /// Put an upstream's thoughts back in front of its calls; without them it thinks anew.
  package var returnsThoughts = true
  /// Members of the upstream's request that it has refused (`Remedy`).
  package var leftOut: [String] = []
  package var envelopeKeys = EnvelopeKeys.unsigned

  package init() {}
}
