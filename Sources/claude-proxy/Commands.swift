internal import Server

/// The subcommands by name.
enum Commands {
  private static let usage = """
    usage: claude-proxy COMMAND [OPTIONS]
      serve          serve until told to stop (SIGTERM drains, SIGHUP reloads)
      check          validate a configuration and say what follows from it
      reload         make the running service read its configuration again, and say what came of it
      translate      turn requests and answers of one protocol into another's, as a filter
      doctor         try the way through nginx as a client would, and say what is wrong with it
      explain        say what a request would become, without sending it
      smoke          send real requests, to the upstream or through the running service
      client-config  print what makes a client program use this host's daemon
      count-tokens   say how many tokens a text or a request is
      settings-docs  print every setting
      version        print the version
    `claude-proxy COMMAND --help` says more.
    """

  static func run(_ arguments: [String]) -> Int32 {
    let rest = Array(arguments.dropFirst())
    switch arguments.first {
    case "serve": return Serve.run(arguments: rest)
    case "check": return Check.run(arguments: rest)
    case "reload": return Reload.run(arguments: rest)
    case "translate": return Translate.run(arguments: rest)
    case "doctor": return Doctor.run(arguments: rest)
    case "explain": return Explain.run(arguments: rest)
    case "smoke": return Smoke.run(arguments: rest)
    case "client-config": return ClientConfig.run(arguments: rest)
    case "count-tokens": return CountTokens.run(arguments: rest)
    case "settings-docs": return SettingsDocs.run(arguments: rest)
    case "version", "--version":
      print("claude-proxy \(version)")
      return 0
    case "help", "--help", "-h":
      print(Self.usage)
      return 0
    case let unknown:
      TextFile.complain(
        unknown.map { "claude-proxy: there is no command \($0)" } ?? "claude-proxy: no command given")
      TextFile.complain(Self.usage)
      return 2
    }
  }
}
