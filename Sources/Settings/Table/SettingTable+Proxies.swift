/// What stands between clients and the daemon.
extension SettingTable {
  static let proxies: [SettingRow] = [
    SettingRow(
      "FORWARDED_ALLOW_IPS", aliases: [.same("GUNICORN_FORWARDED_ALLOW_IPS")], .listening, .live,
      .networks(to: \.proxies.forwardedFrom),
      "Proxies whose `X-Forwarded-For` names the client in the log: addresses and networks separated by commas, `*`"
        + " = all; unix sockets always are. Rights never depend on it"),
    SettingRow(
      "GUNICORN_PROXY_PROTOCOL", .listening, .live,
      .word(
        ProxySettings.PROXYProtocol.allCases.map(\.rawValue), to: \.proxies.header,
        read: Self.proxyProtocol
      ) { $0.rawValue },
      "Whether each connection begins with a PROXY header: `v1`, `v2`, `auto` (either), `off`; then one without is"
        + " refused. The admin socket needs none"),
    SettingRow(
      "GUNICORN_PROXY_ALLOW_IPS", .listening, .live, .networks(to: \.proxies.headerFrom),
      "Proxies that may send a PROXY header; unix sockets always may, others are answered with 403"),
    SettingRow(
      "GUNICORN_HEADER_MAP", .limits, .live,
      .word(
        UnderscoreRule.allCases.map(\.rawValue), to: \.limits.underscores, read: Self.underscores
      ) {
        $0.rawValue
      },
      "What becomes of header fields with `_` in their name, which some readers take for `-`: `drop`, `refuse` the"
        + " request, or pass them on (`dangerous`)"),
  ]

  private static func proxyProtocol(_ text: String) -> ProxySettings.PROXYProtocol? {
    switch text.lowercased() {
    case "true", "on", "yes", "1": .auto
    case "false", "no", "0", "none": .off
    case let word: ProxySettings.PROXYProtocol(rawValue: word)
    }
  }

  private static func underscores(_ text: String) -> UnderscoreRule? {
    UnderscoreRule(rawValue: text.lowercased())
  }
}
