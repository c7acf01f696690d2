package import Dialogue
package import Settings
internal import Wire

/// What is known of the upstream a request goes to: by the operator's word, else by host and model, else by what the
/// upstream says of itself.
package struct ProfileChoice: Sendable {
  private let anthropic: TranslationChoices.ProfileWish
  private let openAI: TranslationChoices.ProfileWish
  /// Where neither the model nor the upstream's list has a say, the answer is known beforehand.
  private var settledChat: (profile: Profile, rule: PlanNotes.ProfileRule)?

  /// `plan` names the only upstream that speaks Chat Completions.
  package init(_ settings: TranslationChoices, _ plan: UpstreamPlan = UpstreamPlan()) {
    self.anthropic = settings.anthropicProfile
    self.openAI = settings.openAIProfile
    guard let upstream = plan.openAI else { return }
    let first = self.chat(upstream, model: "gpt-5", published: nil)
    let isVendor = first.profile.name != ProfileTable.standard(for: .chat).name
    let isPlain = self.chat(upstream, model: "x", published: nil).profile.name == first.profile.name
    if first.rule != .address || isVendor && isPlain { self.settledChat = first }
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
    if let settled = self.settledChat { return settled }
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
