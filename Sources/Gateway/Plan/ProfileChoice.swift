package import Dialogue
package import Settings
internal import Wire

/// What is known of the upstream a request goes to: by the operator's word, else by host and model, else by what the
/// upstream says of itself.
package struct ProfileChoice: Sendable {
  private let anthropic: TranslationChoices.ProfileWish
  private let openAI: TranslationChoices.ProfileWish
  /// What the only upstream that speaks Chat Completions is, as far as it is known before a request.
  private var chatUpstream: Found?

  private struct Found: Sendable {
    let profile: Profile
    let reasoning: Profile
    let rule: PlanNotes.ProfileRule
    /// Only the upstream's own list of models knows more.
    let isGeneric: Bool
  }

  /// `plan` names the only upstream that speaks Chat Completions.
  package init(_ settings: TranslationChoices, _ plan: UpstreamPlan = UpstreamPlan()) {
    self.anthropic = settings.anthropicProfile
    self.openAI = settings.openAIProfile
    guard let upstream = plan.openAI else { return }
    let (plain, rule) = self.found(upstream, "x", nil)
    let reasoning = self.found(upstream, "gpt-5", nil).0
    self.chatUpstream = Found(
      profile: Self.changed(plain, by: self.openAI.flags),
      reasoning: Self.changed(reasoning, by: self.openAI.flags), rule: rule,
      isGeneric: rule == .address && plain.name == ProfileTable.standard(for: .chat).name)
  }

  /// Of an upstream that is asked in its clients' own protocol nothing needs to be known, unless it is said.
  package func relayedMessages() -> (profile: Profile, rule: PlanNotes.ProfileRule) {
    (Self.changed(ProfileTable.standard(for: .messages), by: self.anthropic.flags), .address)
  }

  package func messages(model: String?) -> (profile: Profile, rule: PlanNotes.ProfileRule) {
    let named = self.anthropic.name.flatMap(ProfileTable.profile)
    let profile = named ?? ProfileTable.messagesProfile(model: model)
    return (Self.changed(profile, by: self.anthropic.flags), named == nil ? .address : .named)
  }

  /// `published` is the profile that the upstream's own list of models speaks for.
  package func chat(
    _ upstream: OpenAIUpstream, model: String?, published: String?
  ) -> (profile: Profile, rule: PlanNotes.ProfileRule) {
    if let known = self.chatUpstream, !known.isGeneric || published == nil {
      return (ProfileTable.isReasoning(model) ? known.reasoning : known.profile, known.rule)
    }
    let (profile, rule) = self.found(upstream, model, published)
    return (Self.changed(profile, by: self.openAI.flags), rule)
  }

  private func found(
    _ upstream: OpenAIUpstream, _ model: String?, _ published: String?
  ) -> (Profile, PlanNotes.ProfileRule) {
    if let named = self.openAI.name.flatMap(ProfileTable.profile) { return (named, .named) }
    if upstream.azure != nil, let azure = ProfileTable.profile(named: "azure") { return (azure, .azure) }
    let profile = ProfileTable.chatProfile(host: upstream.chatCompletionsURL.host, model: model)
    guard profile.name == ProfileTable.standard(for: .chat).name,
      let own = published.flatMap(ProfileTable.profile)
    else { return (profile, .address) }
    return (own, .published)
  }

  /// The flags were judged when the configuration was read.
  private static func changed(_ profile: Profile, by flags: String?) -> Profile {
    guard let flags, let document = try? JSONDocument(flags),
      let changed = try? profile.overridden(by: document.root)
    else { return profile }
    return changed
  }
}
