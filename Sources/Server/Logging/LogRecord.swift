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
  /// Lines of requests may have a place of their own.
  package let target: AccessLogSettings.Target

  package init(
    _ level: LogLevel, _ message: String, id: MessageID? = nil, _ fields: LogFields = [:],
    to target: AccessLogSettings.Target = .log
  ) {
    self.level = level
    self.message = message
    self.id = id
    self.fields = fields
    self.target = target
    self.secondsSinceEpoch = Clock.wallSeconds()
  }
}
