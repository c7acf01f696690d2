/// What the operator decides about translations.
package struct TranslationChoices: Sendable, Equatable {
  package enum LossPolicy: String, Sendable, Equatable, CaseIterable { case ignore, report, refuse }

  /// What is known of an upstream's abilities: a row of the profiles' table and changes to it.
  package struct ProfileWish: Sendable, Equatable {
    /// nil = chosen by host and model.
    package var name: String?
    /// A JSON object of single capabilities.
    package var flags: String?
  }

  /// Empty = none.
  package var systemPrompt = "You are Claude Code, Anthropic's official CLI for Claude."
  package var losses = LossPolicy.report
  package var exposesReasoning = true
  /// A silent stream's client hears a ping after that long.
  package var pingSeconds = 15
  /// A stream's head goes out after that long without an answer, so that pings can flow.
  package var earlyHeadSeconds = 10
  package var envelopeKey: Secret?
  package var anthropicProfile = ProfileWish()
  package var openAIProfile = ProfileWish()
}
