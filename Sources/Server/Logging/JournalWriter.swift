internal import Systemd

/// Writes records to the journal with their fields.
enum JournalWriter {
  /// A record journald refuses is lost: there is nowhere left to say so.
  static func write(_ record: LogRecord) {
    try? self.entry(for: record).send()
  }

  static func entry(for record: LogRecord) -> JournalEntry {
    var entry = JournalEntry(priority: record.level.journalPriority, message: record.message)
    self.append("SYSLOG_IDENTIFIER", .text("claude-proxy"), to: &entry)
    if let id = record.id { self.append("MESSAGE_ID", .text(id.text), to: &entry) }
    record.forEachField { self.append($0.text, $1, to: &entry) }
    return entry
  }

  /// A field that cannot be sent costs itself, never the record.
  private static func append(_ name: String, _ value: LogValue, to entry: inout JournalEntry) {
    switch value {
    case .text(let text): try? entry.append(name, text)
    case .integer(let number): try? entry.append(name, String(number))
    case .bytes(let bytes): try? entry.append(name, bytes: bytes)
    }
  }
}
