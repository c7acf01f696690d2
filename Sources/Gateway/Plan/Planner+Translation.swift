internal import Dialogue
internal import Settings
internal import Wire

/// What the operator's settings mean for one translation.
extension Planner {
  /// Limits of tokens in every spelling that older clients use, before the engine reads them.
  func settleTokens(_ draft: Draft, _ errand: Errand, _ query: String?) throws(Refusal) {
    switch errand.client {
    case .chat:
      let wish = TokenWish.inQuery(query)
      if let body = TokenWish.settled(draft.document.root, inQuery: wish) {
        draft.document = try Self.reread(body)
      }
      draft.tokenCeiling = self.budget.ceiling(model: draft.notes.sentModel ?? "")
    case .messages:
      draft.tokenCeiling = self.settings.budget.upperBound
      guard let limit = draft.document.root.present("max_tokens"), let asked = limit.integer, asked > 0,
        let granted = self.budget.bounded(asked), granted > asked
      else { return }
      draft.losses.add(.changed, path: "max_tokens", because: "the operator asks for more")
      draft.document = try Self.reread(
        TokenWish.settled(draft.document.root, inQuery: granted) ?? draft.document.bytes)
    }
    draft.notes.tokenCeiling = draft.tokenCeiling
  }

  static func translationSettings(_ operators: Settings) -> TranslationSettings {
    let choices = operators.translation
    var settings = TranslationSettings()
    if !choices.systemPrompt.isEmpty { settings.systemPrompt = choices.systemPrompt }
    settings.defaultMaxTokens = operators.budget.standard
    settings.exposesReasoning = choices.exposesReasoning
    settings.refusesLosses = choices.losses == .refuse
    settings.remembersState = true
    settings.envelopeKeys = self.envelopeKeys(choices.envelopeKey)
    return settings
  }

  /// Named after themselves, so that an envelope of another key is known as such.
  static func envelopeKeys(_ key: Secret?) -> EnvelopeKeys {
    guard let key else { return .unsigned }
    let bytes = Array(key.revealed.utf8)
    let digits = SHA256.hash(bytes).prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
    return EnvelopeKeys([EnvelopeKeys.Key(id: digits.joined(), bytes: bytes)])
  }

  private static func reread(_ body: [UInt8]) throws(Refusal) -> JSONDocument {
    do throws(JSONError) {
      return try JSONDocument(body)
    } catch {
      throw Refusal(error)
    }
  }
}
