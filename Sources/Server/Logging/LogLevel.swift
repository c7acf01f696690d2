internal import Systemd

/// How much a record matters, in gunicorn's words.
package enum LogLevel: UInt8, Sendable, CaseIterable, Comparable {
  case critical
  case error
  case warning
  case info
  case debug

  /// Reads `LOG_LEVEL` in any case, with the names other programs use for the same things.
  package init?(_ name: some StringProtocol) {
    switch name.lowercased() {
    case "critical", "fatal": self = .critical
    case "error": self = .error
    case "warning", "warn": self = .warning
    case "info": self = .info
    case "debug", "trace": self = .debug
    default: return nil
    }
  }

  package var label: String {
    switch self {
    case .critical: "CRITICAL"
    case .error: "ERROR"
    case .warning: "WARNING"
    case .info: "INFO"
    case .debug: "DEBUG"
    }
  }

  var journalPriority: JournalPriority {
    switch self {
    case .critical: .critical
    case .error: .error
    case .warning: .warning
    case .info: .info
    case .debug: .debug
    }
  }

  /// Less is more urgent, so a level passes a filter that is equal or greater.
  package static func < (left: LogLevel, right: LogLevel) -> Bool {
    left.rawValue < right.rawValue
  }
}
