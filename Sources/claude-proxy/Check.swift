internal import Server
internal import Settings

/// `claude-proxy check`: reads a configuration as the daemon would and says all that is wrong with it.
enum Check {
  private static let usage = """
    usage: claude-proxy check [--config FILE] [--socket-activated]
      --config FILE        read FILE instead of /etc/claude-proxy/claude-proxy.env and conf.d/*.env
      --socket-activated   judge as if systemd passed the listening sockets, on loopback or unix paths
    """

  static func run(arguments: [String]) -> Int32 {
    var configFile: String?
    var listeners = ListenerOrigin.bound
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--config", let file = rest.popFirst() {
        configFile = file
      } else if argument == "--socket-activated" {
        listeners = .systemd(publicAddresses: [])
      } else if argument == "--help" {
        print(Self.usage)
        return 0
      } else {
        TextFile.complain("claude-proxy check: \(argument) is not understood here\n\(Self.usage)")
        return 2
      }
    }
    return Self.report(ConfigurationLoader(configFile: configFile).load(listeners: listeners))
  }

  private static func report(_ outcome: ConfigurationOutcome) -> Int32 {
    for remark in outcome.remarks { TextFile.complain("\(remark.weight.rawValue): \(remark)") }
    switch outcome {
    case .accepted(let settings, _):
      for line in settings.summary { print(line) }
      return 0
    case .refused(let faults, _):
      for fault in faults { TextFile.complain(fault.description) }
      return 1
    }
  }
}
