internal import Platform
package import Settings

/// One thing that happened, as the log thread will write it.
package struct LogRecord: Sendable {
  package let level: LogLevel
  package let message: String
  package let id: MessageID?
  package let fields: LogFields
  /// Wall-clock time at which it happened, in whole seconds.
  package let secondsSinceEpoch: Int

  package init(_ level: LogLevel, _ message: String, id: MessageID? = nil, _ fields: LogFields = [:]) {
    self.level = level
    self.message = message
    self.id = id
    self.fields = fields
    self.secondsSinceEpoch = Clock.wallSeconds()
  }
}
