package import Settings
internal import Systemd

extension LogLevel {
  /// In gunicorn's words.
  package var label: String { self.word.uppercased() }

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
