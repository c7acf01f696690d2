internal import Glibc
package import Platform
package import Settings
internal import Systemd

/// The one thread that talks to the journal or to standard error.
///
/// It may be held up there for as long as it likes: everybody else only appends to the ring.
package struct LogThread: Sendable {
  /// Where records go.
  package enum Destination: Sendable {
    case journal
    /// gunicorn's line and the fields behind it.
    case lines(descriptor: Int32)
    /// Calls this instead, on the log thread.
    case receiver(@Sendable (LogRecord) -> Void)

    /// The journal when standard error leads there, else lines on standard error.
    package static func detected() -> Destination {
      JournalStream.isConnected() ? .journal : .lines(descriptor: STDERR_FILENO)
    }
  }

  package let logger: Logger
  private let ring: LogRing
  private let thread: Thread
  private let ended: Wakeup

  /// Starts the thread. Signals the supervisor waits for must be blocked before.
  package static func start(
    level: LogLevel, to destination: Destination = .detected(), capacity: Int = LogRing.defaultCapacity
  ) throws(Errno) -> LogThread {
    let ring = try LogRing(capacity: capacity)
    let ended = try Wakeup()
    let thread = try Thread.start(name: "log") {
      Self.run(ring, destination)
      ended.ring()
    }
    let logger = Logger(ring: ring, filter: LogFilter(level))
    return LogThread(logger: logger, ring: ring, thread: thread, ended: ended)
  }

  /// Takes no more records, and waits at most that long for those there are; false when time ran out.
  ///
  /// A thread that is stuck in the journal is left behind: it must not hold up the end of the process. Called once.
  @discardableResult
  package func finish(withinMilliseconds milliseconds: Int) -> Bool {
    self.ring.close()
    guard self.ended.isRung(withinMilliseconds: milliseconds) else { return false }
    self.thread.join()
    return true
  }

  private static func run(_ ring: LogRing, _ destination: Destination) {
    var lines = LineWriter()
    var access = AccessFiles()
    var spent: [LogRecord] = []
    while let batch = ring.next(recycling: spent) {
      if batch.reopens { access.reopen() }
      var records = batch.records
      if records.contains(where: { $0.target != .log }) { records = access.write(records) }
      if batch.dropped > 0 { records.append(Self.confession(batch.dropped)) }
      switch destination {
      case .journal:
        for record in records { JournalWriter.write(record) }
      case .lines(let descriptor):
        lines.write(records, to: descriptor)
      case .receiver(let receive):
        for record in records { receive(record) }
      }
      ring.settle(batch.records.count)
      spent = batch.records
    }
  }

  private static func confession(_ dropped: Int) -> LogRecord {
    LogRecord(
      .warning, "\(dropped) log records dropped: the log could not take them as fast as they came",
      id: .recordsDropped, ["DROPPED": .integer(dropped)])
  }
}
