internal import Server
internal import Settings

/// `claude-proxy client-config`: prints what makes a client program use the daemon of this host.
enum ClientConfig {
  /// The programs by name: the only place where one is named.
  private enum Program: String {
    case claudeCode = "claude-code"
    case openAISDK = "openai-sdk"
    case anthropicSDK = "anthropic-sdk"
  }

  private static let usage = """
    usage: claude-proxy client-config claude-code|openai-sdk|anthropic-sdk [--config FILE] [--url URL]
      claude-code     ~/.claude/settings.json, or a file for the program's option --settings
      openai-sdk      lines for a shell: eval "$(claude-proxy client-config openai-sdk)"
      anthropic-sdk   the same for Anthropic's SDKs
      --config FILE   read FILE instead of /etc/claude-proxy/claude-proxy.env and conf.d/*.env
      --url URL       the address clients use, such as https://llm.example.com; if not given, HOST and PORT
    What is printed holds a key: the first one the daemon accepts, or that of the variable \(Doctor.keyVariable), which
    has to be set where each client's own key is sent on.
    """

  static func run(arguments: [String]) -> Int32 {
    guard let word = arguments.first else { return Self.misunderstood("nothing") }
    if word == "--help" {
      print(Self.usage)
      return 0
    }
    guard let program = Program(rawValue: word) else { return Self.misunderstood(word) }
    var configFile: String?
    var url: String?
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      if argument == "--config", let value = rest.popFirst() {
        configFile = value
      } else if argument == "--url", let value = rest.popFirst() {
        url = value
      } else if argument == "--help" {
        print(Self.usage)
        return 0
      } else {
        return Self.misunderstood(argument)
      }
    }
    switch ConfigurationLoader(configFile: configFile).load() {
    case .accepted(let settings, _): return Self.tell(program, settings, url: url)
    case .refused(let faults, _):
      for fault in faults { TextFile.complain(fault.description) }
      return 1
    }
  }

  private static func tell(_ program: Program, _ settings: Settings, url: String?) -> Int32 {
    let plan = settings.plan
    guard let upstream = program == .openAISDK ? plan.chatCompletions : plan.messages else {
      return Self.fail("no upstream is configured that could answer; `claude-proxy check` says more")
    }
    guard var url = url ?? Self.address(of: settings.listening) else {
      return Self.fail("the configuration names no address with a port; give one with --url")
    }
    while url.hasSuffix("/") { url.removeLast() }
    guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.utf8.allSatisfy(Self.isPlain) else {
      return Self.fail("\(url) is no address of a web server")
    }
    guard let key = Self.key(for: upstream, settings.clients) else {
      return Self.fail(
        "the client's own key is sent on to the upstream: set \(Doctor.keyVariable) to it and try again")
    }
    guard !key.isEmpty, key.utf8.allSatisfy(Self.isPlain) else {
      return Self.fail("\(Doctor.keyVariable) holds what cannot be a key")
    }
    print(Self.text(program, url: url, key: key), terminator: "")
    return 0
  }

  private static func text(_ program: Program, url: String, key: String) -> String {
    switch program {
    case .claudeCode:
      """
      {
        "env": {
          "ANTHROPIC_BASE_URL": \(Self.jsonString(url)),
          "ANTHROPIC_AUTH_TOKEN": \(Self.jsonString(key)),
          "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"
        }
      }

      """
    case .openAISDK:
      "export OPENAI_BASE_URL=\(Self.shellWord(url + "/v1"))\nexport OPENAI_API_KEY=\(Self.shellWord(key))\n"
    case .anthropicSDK:
      "export ANTHROPIC_BASE_URL=\(Self.shellWord(url))\nexport ANTHROPIC_API_KEY=\(Self.shellWord(key))\n"
    }
  }

  /// nil: only sockets and ports that nobody knows beforehand. Who listens everywhere is also found here.
  private static func address(of listening: Listening) -> String? {
    for case .internet(let host, let port) in listening.places where port != 0 {
      let near = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
      return "http://\(ListeningPlace.internet(host: near, port: port))"
    }
    return nil
  }

  /// nil: the client has one of its own, which is not known here.
  private static func key(for upstream: UpstreamChoice, _ clients: ClientSettings) -> String? {
    if let own = ConfigurationLoader.processEnvironment().last(where: { $0.name == Doctor.keyVariable }) {
      return own.value
    }
    switch upstream.keyMode {
    case .serverKey:
      let accepted = clients.allowedKeys.first ?? clients.anthropicKey
      return accepted?.revealed ?? "no-key-is-needed"
    case .dynamic, .forward: return nil
    }
  }

  /// Visible ASCII, as in a field of a header.
  private static func isPlain(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

  private static func jsonString(_ plain: String) -> String {
    "\"" + plain.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
  }

  private static func shellWord(_ plain: String) -> String {
    "'" + plain.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
  }

  private static func fail(_ reason: String) -> Int32 {
    TextFile.complain("claude-proxy client-config: \(reason)")
    return 1
  }

  private static func misunderstood(_ argument: String) -> Int32 {
    TextFile.complain("claude-proxy client-config: \(argument) is not understood here\n\(Self.usage)")
    return 2
  }
}
