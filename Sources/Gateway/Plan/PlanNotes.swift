/// Why a request became what it became, for whoever wants it explained.
package struct PlanNotes: Sendable, Equatable {
  package enum NameRule: String, Sendable, Equatable {
    case unchanged
    case alias = "MODEL_ALIASES"
    case listed = "the upstream's own list"
    case size = "BIG_MODEL, MIDDLE_MODEL, SMALL_MODEL"
    case standard = "DEFAULT_MODEL"
  }

  package enum ProfileRule: String, Sendable, Equatable {
    case named = "named by a setting"
    case azure = "AZURE_API_VERSION"
    case address = "host and model"
    case published = "the upstream's own list"
  }

  package var askedModel: String?
  package var sentModel: String?
  package var nameRule = NameRule.unchanged
  package var profile: String?
  package var profileRule = ProfileRule.address
  /// The most tokens an answer may have; nil = as the client says.
  package var tokenCeiling: Int?
  package var isTranslated = false

  package init() {}
}
