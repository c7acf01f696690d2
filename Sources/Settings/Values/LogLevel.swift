/// What is worth logging; the raw value is syslog's priority, so smaller is more urgent.
package enum LogLevel: Int, Sendable, Equatable, CaseIterable {
  case critical = 2
  case error = 3
  case warning = 4
  case info = 6
  case debug = 7

  package init?(word: some StringProtocol) {
    switch word.lowercased() {
    case "critical", "fatal", "off": self = .critical
    case "error": self = .error
    case "warning", "warn": self = .warning
    case "info": self = .info
    case "debug", "trace": self = .debug
    default: return nil
    }
  }

  package var word: String {
    switch self {
    case .critical: "critical"
    case .error: "error"
    case .warning: "warning"
    case .info: "info"
    case .debug: "debug"
    }
  }

  package func covers(_ level: LogLevel) -> Bool { level.rawValue <= self.rawValue }

  /// The level of a Rust filter that stands without a target: `warn,metrics=debug` says `warn`.
  static func bare(inRustFilter filter: String) -> LogLevel? {
    for directive in filter.split(separator: ",") {
      if let level = LogLevel(word: directive.trimmingBlanks()) { return level }
    }
    return nil
  }
}
