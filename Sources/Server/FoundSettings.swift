internal import Platform
internal import Settings

/// What a running daemon finds in its surroundings where the configuration leaves it open.
struct FoundSettings: Sendable {
  private static let proxyPatienceMilliseconds: Int32 = 500
  private static let proxyVariables = [
    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
  ]

  private let namesProxy: Bool
  private let envelopeKey: EnvelopeKeyFile.Finding

  /// Looked for once: a key that changed with a reload would close every envelope that is out.
  init(environment: [(name: String, value: String)]) {
    let isSet = { (name: String) in environment.contains { $0.name == name && !$0.value.isEmpty } }
    self.namesProxy = Self.proxyVariables.contains(where: isSet)
    let directories = environment.last { $0.name == "STATE_DIRECTORY" }?.value.split(separator: ":")
    self.envelopeKey = EnvelopeKeyFile.find(in: directories?.first.map(String.init))
  }

  /// The same configuration with what was found.
  func complete(_ outcome: ConfigurationOutcome) -> ConfigurationOutcome {
    guard case .accepted(var settings, var remarks) = outcome else { return outcome }
    if let remark = self.takeProxy(&settings) { remarks.append(remark) }
    if settings.translation.envelopeKey == nil {
      settings.translation.envelopeKey = self.envelopeKey.key
      if let remark = self.envelopeKey.remark { remarks.append(remark) }
    }
    return .accepted(settings, remarks: remarks)
  }

  private func takeProxy(_ settings: inout Settings) -> ConfigurationRemark? {
    guard settings.upstream.proxy == .environment, !self.namesProxy, !settings.plan.isDemo,
      let proxy = settings.upstream.lastResortProxy
    else { return nil }
    let isThere = Reachability.accepts(
      host: proxy.host, port: proxy.port, withinMilliseconds: Self.proxyPatienceMilliseconds)
    if isThere { settings.upstream.proxy = .through(proxy) }
    return ConfigurationRemark(
      .notice, at: .surroundings, key: "DEFAULT_PROXY_URL",
      isThere
        ? "\(proxy.origin) answers, so upstreams are reached through it"
        : "nobody listens at \(proxy.origin), so it is not used")
  }
}

extension ConfigurationPlace {
  static let surroundings = ConfigurationPlace(file: "found", line: 0)
}
