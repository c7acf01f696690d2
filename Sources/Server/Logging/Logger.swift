package import Settings
internal import Synchronization

/// What any thread uses to say something: filters, stamps and queues, and never waits.
package struct Logger: Sendable {
  private let ring: LogRing
  private let filter: LogFilter
  private let context: LogFields

  init(ring: LogRing, filter: LogFilter, context: LogFields = [:]) {
    self.ring = ring
    self.filter = filter
    self.context = context
  }

  /// The same log with fields every record made through this value begins with.
  package func with(_ fields: LogFields) -> Logger {
    var context = self.context
    context.append(contentsOf: fields)
    return Logger(ring: self.ring, filter: self.filter, context: context)
  }

  /// The least urgent level that is kept; shared by all copies, and may change at a reload.
  package var level: LogLevel {
    get { self.filter.level }
    nonmutating set { self.filter.level = newValue }
  }

  package var droppedCount: UInt64 {
    self.ring.droppedCount
  }

  /// Records the message; neither it nor the fields are built when the level is filtered out.
  package func log(
    _ level: LogLevel, _ message: @autoclosure () -> String, id: MessageID? = nil,
    _ fields: @autoclosure () -> LogFields = [:]
  ) {
    guard self.filter.level.covers(level) else { return }
    self.ring.append(LogRecord(level, message(), id: id, in: self.context, fields()))
  }

  package func critical(
    _ message: @autoclosure () -> String, id: MessageID? = nil,
    _ fields: @autoclosure () -> LogFields = [:]
  ) {
    self.log(.critical, message(), id: id, fields())
  }

  package func error(
    _ message: @autoclosure () -> String, id: MessageID? = nil,
    _ fields: @autoclosure () -> LogFields = [:]
  ) {
    self.log(.error, message(), id: id, fields())
  }

  package func warning(
    _ message: @autoclosure () -> String, id: MessageID? = nil,
    _ fields: @autoclosure () -> LogFields = [:]
  ) {
    self.log(.warning, message(), id: id, fields())
  }

  package func info(
    _ message: @autoclosure () -> String, id: MessageID? = nil,
    _ fields: @autoclosure () -> LogFields = [:]
  ) {
    self.log(.info, message(), id: id, fields())
  }

  package func debug(
    _ message: @autoclosure () -> String, id: MessageID? = nil,
    _ fields: @autoclosure () -> LogFields = [:]
  ) {
    self.log(.debug, message(), id: id, fields())
  }

  /// The line of a request, which may have a place of its own.
  func access(_ line: String, to target: AccessLogSettings.Target, of request: consuming FinishedAccess?) {
    guard self.filter.level.covers(.info) else { return }
    self.ring.append(LogRecord(line, in: self.context, of: request, to: target))
  }

  /// Files may have been moved away: what follows is to go into new ones.
  func reopen() {
    self.ring.reopen()
  }

  /// Waits until all records so far are written, at most that long; false when time ran out.
  @discardableResult
  package func flush(withinMilliseconds milliseconds: Int) -> Bool {
    self.ring.flush(withinMilliseconds: milliseconds)
  }
}

/// The level all copies of a logger share.
final class LogFilter: Sendable {
  private let raw: Atomic<Int>

  init(_ level: LogLevel) {
    self.raw = Atomic(level.rawValue)
  }

  var level: LogLevel {
    get { LogLevel(rawValue: self.raw.load(ordering: .relaxed)) ?? .info }
    set { self.raw.store(newValue.rawValue, ordering: .relaxed) }
  }
}
