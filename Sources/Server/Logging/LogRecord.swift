internal import Platform
package import Settings

/// One thing that happened, as the log thread will write it.
package struct LogRecord: Sendable {
  package let level: LogLevel
  package let message: String
  package let id: MessageID?
  /// What all records of its logger begin with.
  let context: LogFields
  /// Its own.
  let details: LogFields
  /// Wall-clock time at which it happened, in whole seconds.
  package let secondsSinceEpoch: Int
  /// Lines of requests may have a place of their own.
  package let target: AccessLogSettings.Target

  package init(
    _ level: LogLevel, _ message: String, id: MessageID? = nil, in context: LogFields = [:],
    _ fields: LogFields = [:], to target: AccessLogSettings.Target = .log
  ) {
    self.level = level
    self.message = message
    self.id = id
    self.target = target
    self.context = context
    self.details = fields
    self.secondsSinceEpoch = Clock.wallSeconds()
  }

  package var fields: LogFields {
    var all = self.context
    all.append(contentsOf: self.details)
    return all
  }
}
