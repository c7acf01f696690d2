package import Settings
internal import Systemd

extension LogLevel {
  /// In gunicorn's words.
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
}
