internal import Gateway
internal import Server
internal import Settings
internal import Wire

/// What the running daemon knows that a configuration does not say.
struct ExplainFacts {
  private static let unknownUser =
    "user_\(String(repeating: "0", count: 64))_account__session_00000000-0000-0000-0000-000000000000"

  private(set) var facts = UpstreamFacts()
  private var isLive = false
  private let settings: Settings
  private let errand: Errand

  init(_ settings: Settings, _ errand: Errand, over socket: String) {
    self.settings = settings
    self.errand = errand
    // Any accepted key shows the list; where clients bring their own, any key at all.
    let key = settings.clients.allowedKeys.first ?? settings.clients.anthropicKey
    guard let health = try? AdminClient.page("/health", key: nil, over: socket),
      let models = try? AdminClient.page(
        "/v1/models", key: key?.revealed ?? "sk-key-of-the-client", over: socket),
      let page = try? JSONDocument(health), let list = try? JSONDocument(models)
    else {
      self.facts.userID = Self.unknownUser
      return
    }
    self.isLive = true
    self.facts.userID = page.root.present("current_user_id")?.string ?? Self.unknownUser
    self.facts.models = Self.models(list.root, settings.models)
    self.facts.drops = Self.refusedFields(page.root, by: errand.upstream.name)
  }

  private static func refusedFields(_ page: JSONValue, by upstream: UpstreamName) -> LearnedDrops {
    var drops = LearnedDrops()
    guard let upstreams = page.present("upstreams") else { return drops }
    for reading in upstreams.members where reading.name == upstream.rawValue {
      guard let models = reading.value.present("refused_fields") else { continue }
      for model in models.members {
        for field in model.value.elements { drops.learn(field.string ?? "", for: model.name) }
      }
    }
    return drops
  }

  /// The upstream's own come first: what is configured is in the list as well.
  private static func models(_ page: JSONValue, _ names: ModelSettings) -> ModelList? {
    guard let data = page.present("data") else { return nil }
    let published = data.elements.compactMap { entry -> PublishedModel? in
      guard let id = entry.present("id")?.string else { return nil }
      var model = PublishedModel(id: id)
      model.ownedBy = entry.present("owned_by")?.string
      return model
    }
    let configured = Set(names.aliases.map(\.name) + [names.standard, names.big, names.middle, names.small])
    let own = published.filter { !configured.contains($0.id) }
    return own.isEmpty ? nil : ModelList(own + published.filter { configured.contains($0.id) })
  }

  /// What may be otherwise when the request is really made. `calls`: those whose state the daemon would look for.
  func varying(_ body: [UInt8], calls: Int) -> [String] {
    var lines: [String] = []
    let isTranslated = self.errand.client != self.errand.dialect
    if case .anthropic = self.errand.upstream, isTranslated {
      lines.append("metadata.user_id: made by the daemon and renewed every five hours")
    }
    if case .openAI = self.errand.upstream, !self.isLive {
      lines.append("model, profile: the upstream's own list of models is not known here")
    }
    if isTranslated, !self.isLive {
      lines.append("optional fields that this upstream has refused before are not known here")
    }
    if calls > 0 {
      lines.append("messages: what the daemon keeps of reasoning before earlier calls (\(calls)) is put back")
    }
    if isTranslated, self.settings.translation.envelopeKey == nil, body.holds("px1:") {
      lines.append("reasoning that upstreams want back: the key of its envelopes is not known here")
    }
    return lines
  }
}

extension [UInt8] {
  fileprivate func holds(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard self.count >= wanted.count else { return false }
    return (0...(self.count - wanted.count)).contains { self[$0..<$0 + wanted.count].elementsEqual(wanted) }
  }
}
