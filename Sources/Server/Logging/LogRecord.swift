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
  private let details: Details
  /// Wall-clock time at which it happened, in whole seconds.
  package let secondsSinceEpoch: Int
  /// Lines of requests may have a place of their own.
  package let target: AccessLogSettings.Target

  private enum Details: Sendable {
    case fields(LogFields)
    /// Become fields where they are written.
    case request(FinishedAccess)
  }

  package init(
    _ level: LogLevel, _ message: String, id: MessageID? = nil, in context: LogFields = [:],
    _ fields: LogFields = [:], to target: AccessLogSettings.Target = .log
  ) {
    self.level = level
    self.message = message
    self.id = id
    self.target = target
    self.context = context
    self.details = .fields(fields)
    self.secondsSinceEpoch = Clock.wallSeconds()
  }

  /// The line of a request.
  init(
    _ message: String, in context: LogFields, of request: FinishedAccess?,
    to target: AccessLogSettings.Target
  ) {
    self.level = .info
    self.message = message
    self.id = .request
    self.target = target
    self.context = context
    if let request { self.details = .request(request) } else { self.details = .fields([:]) }
    self.secondsSinceEpoch = Clock.wallSeconds()
  }

  func forEachField(_ body: (LogFieldName, LogValue) -> Void) {
    for (name, value) in self.context.pairs { body(name, value) }
    switch self.details {
    case .fields(let fields): for (name, value) in fields.pairs { body(name, value) }
    case .request(let request): request.forEachField(body)
    }
  }

  package var fields: LogFields {
    var all = LogFields()
    self.forEachField { all.append($0, $1) }
    return all
  }
}
