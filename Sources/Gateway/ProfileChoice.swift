package import Dialogue
package import Settings
internal import Wire

/// What is known of the upstream a request goes to: by the operator's word, else by host and model, else by what the
/// upstream says of itself.
package struct ProfileChoice: Sendable {
  private let anthropic: TranslationChoices.ProfileWish
  private let openAI: TranslationChoices.ProfileWish

  package init(_ settings: TranslationChoices) {
    self.anthropic = settings.anthropicProfile
    self.openAI = settings.openAIProfile
  }

  package func messages(model: String?) -> Profile {
    let named = self.anthropic.name.flatMap(ProfileTable.profile)
    return Self.changed(named ?? ProfileTable.messagesProfile(model: model), by: self.anthropic.flags)
  }

  /// `published` is the profile that the upstream's own list of models speaks for.
  package func chat(_ upstream: OpenAIUpstream, model: String?, published: String?) -> Profile {
    let named = self.openAI.name.flatMap(ProfileTable.profile)
    return Self.changed(named ?? Self.found(upstream, model, published), by: self.openAI.flags)
  }

  private static func found(_ upstream: OpenAIUpstream, _ model: String?, _ published: String?) -> Profile {
    if upstream.azure != nil, let azure = ProfileTable.profile(named: "azure") { return azure }
    let standard = ProfileTable.standard(for: .chat)
    let profile = ProfileTable.chatProfile(host: upstream.chatCompletionsURL.host, model: model)
    guard profile.name == standard.name, let published else { return profile }
    return ProfileTable.profile(named: published) ?? profile
  }

  /// The flags were judged when the configuration was read.
  private static func changed(_ profile: Profile, by flags: String?) -> Profile {
    guard let flags, let document = try? JSONDocument(flags),
      let changed = try? profile.overridden(by: document.root)
    else { return profile }
    return changed
  }
}
