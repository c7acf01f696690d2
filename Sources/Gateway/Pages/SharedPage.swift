internal import Settings
internal import Wire

/// A page made of what all workers share.
package enum SharedPage: Sendable, Equatable {
  case metrics(asJSON: Bool)
  case models(query: String?)
  /// Still percent-encoded.
  case model(path: String)

  package struct Content: Sendable {
    package let type: String
    package let body: [UInt8]
  }

  package func content(
    _ state: DaemonState, _ snapshot: Snapshot, _ vitals: Vitals, now: UInt64
  ) throws(ErrorReply) -> Content {
    switch self {
    case .metrics(let asJSON):
      let page = MetricsPage(state, snapshot, vitals, now: now)
      return asJSON
        ? Content(type: "application/json", body: page.json)
        : Content(type: MetricsPage.textType, body: page.text)
    case .models(let query):
      guard let body = Self.models(state, snapshot).list(query: query) else { throw Self.badLimit }
      return Content(type: "application/json", body: body)
    case .model(let path):
      guard let id = PercentText.decode(path), let body = Self.models(state, snapshot).one(id) else {
        throw Self.unknownModel
      }
      return Content(type: "application/json", body: body)
    }
  }

  private static func models(_ state: DaemonState, _ snapshot: Snapshot) -> ModelsPage {
    let plan = snapshot.settings.plan
    return ModelsPage(
      ConfiguredNames(snapshot.settings), state.upstreams(of: plan).compactMap { $0.models })
  }

  private static let badLimit = ErrorReply(
    status: 400, message: "`limit` must be a positive number.", code: "invalid_value", param: "limit")
  private static let unknownModel = ErrorReply(
    status: 404, message: "There is no model of that name.", code: "model_not_found", param: "model")
}

extension ConfiguredNames {
  /// The names that mean something to the upstreams of a configuration.
  init(_ settings: Settings) {
    self.init()
    let models = settings.models
    let openAI = settings.plan.openAI
    if settings.plan.anthropic != nil || settings.plan.isDemo { self.defaultModel = models.standard }
    self.aliases = models.aliases.map { ($0.name, $0.target) }
    if let openAI, openAI.isNamedByBase || models.namesSizes {
      self.mapped = [models.big, models.middle, models.small]
    }
  }
}
