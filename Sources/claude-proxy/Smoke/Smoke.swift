internal import Gateway
internal import Server
internal import Settings
internal import Upstream
internal import Wire

/// `claude-proxy smoke`: real requests, to the configured upstream or through a running daemon.
enum Smoke {
  static let keyVariable = "CLAUDE_PROXY_KEY"
  private static let usage = """
    usage: claude-proxy smoke [--config FILE] [--model NAME]
           claude-proxy smoke --all [--url URL] [--config FILE] [--model NAME]
      Without --all, one request with the text "ping" goes to the configured upstream, as the daemon would send it.
      --all          text, stream, tool, image and count of tokens through a running daemon
      --url URL      where that daemon is; if not given, http://127.0.0.1:5000
      --model NAME   the model to ask; if not given, a small one
      --config FILE  read FILE instead of /etc/claude-proxy/claude-proxy.env and conf.d/*.env
    A key that is accepted by the daemon is taken from the variable \(Self.keyVariable), else from the configuration.
    These requests cost what any request costs. Exit status: 0 all answered, 1 not, 2 nothing could be asked.
    """

  static func run(arguments: [String]) -> Int32 {
    var configFile: String?
    var url = "http://127.0.0.1:5000"
    var model: String?
    var isAll = false
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--config", let value = rest.popFirst() {
        configFile = value
      } else if argument == "--url", let value = rest.popFirst(), value.hasPrefix("http") {
        url = value
      } else if argument == "--model", let value = rest.popFirst() {
        model = value
      } else if argument == "--all" {
        isAll = true
      } else if argument == "--help" {
        print(Self.usage)
        return 0
      } else {
        TextFile.complain("claude-proxy smoke: \(argument) is not understood here\n\(Self.usage)")
        return 2
      }
    }
    let loader = ConfigurationLoader(configFile: configFile)
    guard case .accepted(let settings, _) = loader.load(listeners: .systemd(publicAddresses: [])) else {
      TextFile.complain(
        "claude-proxy smoke: the configuration is not usable; \"claude-proxy check\" says why")
      return 2
    }
    TransferSet.prepareProcess()
    if isAll {
      while url.hasSuffix("/") { url.removeLast() }
      return SmokeRound(url: url, key: Self.clientKey(settings), model: model).run()
    }
    let snapshot = Snapshot(settings, isFaulty: false, generation: 1, configurationFile: loader.fileToEdit)
    return SmokePing(snapshot, model: model).run()
  }

  private static func clientKey(_ settings: Settings) -> String? {
    let said = ConfigurationLoader.processEnvironment().last { $0.name == Self.keyVariable }?.value
    if let said, !said.isEmpty { return said }
    return (settings.clients.allowedKeys.first ?? settings.clients.anthropicKey)?.revealed
  }

  /// The beginning of an answer, without anything a terminal would obey.
  static func excerpt(_ body: [UInt8]) -> String {
    let text = String(decoding: body, as: UTF8.self).unicodeScalars.prefix(500)
    return String(
      String.UnicodeScalarView(text.filter { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" }))
  }
}
