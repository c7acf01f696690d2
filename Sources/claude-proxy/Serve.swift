internal import Glibc
internal import Server

/// `claude-proxy serve`: the daemon.
enum Serve {
  private static let usage = """
    usage: claude-proxy serve [--config FILE]
      --config FILE  read FILE instead of /etc/claude-proxy/claude-proxy.env and conf.d/*.env
    """

  static func run(arguments: [String]) -> Int32 {
    var configFile: String?
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--config", let file = rest.popFirst() {
        configFile = file
      } else if argument == "--help" {
        print(Self.usage)
        return 0
      } else {
        TextFile.complain("claude-proxy serve: \(argument) is not understood here\n\(Self.usage)")
        return 2
      }
    }
    // Without the libraries' exit handlers: threads that nobody waited for may still be using them.
    _exit(Daemon.serve(configFile: configFile))
  }
}
