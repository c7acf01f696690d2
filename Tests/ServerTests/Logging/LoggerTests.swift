import Dispatch
import Platform
import Settings
import Synchronization
import Systemd
import Testing

@testable import Server

/// Gathers what the log thread writes, and can hold it up.
private final class Receiver: Sendable {
  private let received = Mutex<[LogRecord]>([])
  private let gate = Mutex(())
  /// Signalled for each record before the gate.
  let arrived = DispatchSemaphore(value: 0)

  var messages: [String] {
    self.received.withLock { $0.map(\.message) }
  }

  var records: [LogRecord] {
    self.received.withLock { $0 }
  }

  func start(level: LogLevel = .info, capacity: Int = 100) throws -> LogThread {
    try LogThread.start(
      level: level,
      to: .receiver { record in
        self.arrived.signal()
        self.gate.withLock { _ in }
        self.received.withLock { $0.append(record) }
      }, capacity: capacity)
  }

  /// Runs `body` while the log thread can write nothing.
  func whileStuck<Result>(_ body: () throws -> Result) rethrows -> Result {
    try self.gate.withLock { _ in try body() }
  }
}

struct LoggerTests {
  @Test func `records arrive in order with level, id and fields`() throws {
    let receiver = Receiver()
    let thread = try receiver.start()
    let logger = thread.logger
    logger.info("ready", id: .ready, ["WORKER": 1, "ROUTE": "/v1/messages", "STATUS": .integer(200)])
    logger.error("broken")
    #expect(thread.finish(withinMilliseconds: 10_000))
    #expect(receiver.messages == ["ready", "broken"])
    let first = try #require(receiver.records.first)
    #expect(first.level == .info && first.id == .ready)
    #expect(first.fields.pairs.map(\.name.text) == ["WORKER", "ROUTE", "STATUS"])
    #expect(first.fields["ROUTE"] == .text("/v1/messages"))
  }

  @Test(arguments: LogLevel.allCases)
  func `a filter keeps its level and what is more urgent`(level: LogLevel) throws {
    let receiver = Receiver()
    let thread = try receiver.start(level: level)
    for other in LogLevel.allCases { thread.logger.log(other, other.label) }
    #expect(thread.finish(withinMilliseconds: 10_000))
    #expect(receiver.messages == LogLevel.allCases.filter { level.covers($0) }.map(\.label))
  }

  @Test func `a filtered record is never built`() throws {
    let receiver = Receiver()
    let thread = try receiver.start(level: .warning)
    let built = Atomic(0)
    func costly() -> String {
      built.add(1, ordering: .relaxed)
      return "costly"
    }
    thread.logger.debug("\(costly())", ["FIELD": .text(costly())])
    #expect(built.load(ordering: .relaxed) == 0)
    thread.logger.level = .debug
    thread.logger.debug("\(costly())", ["FIELD": .text(costly())])
    #expect(built.load(ordering: .relaxed) == 2)
    #expect(thread.finish(withinMilliseconds: 10_000))
  }

  @Test func `a logger's own fields come first in its records`() throws {
    let receiver = Receiver()
    let thread = try receiver.start()
    thread.logger.with(["WORKER": 2]).info("one", ["STATUS": 200])
    thread.logger.info("two")
    #expect(thread.finish(withinMilliseconds: 10_000))
    #expect(receiver.records.map { $0.fields.pairs.map(\.name.text) } == [["WORKER", "STATUS"], []])
  }

  @Test func `while the journal is stuck nobody waits, and the losses are counted and reported`() throws {
    let receiver = Receiver()
    let thread = try receiver.start(capacity: 4)
    let logger = thread.logger
    receiver.whileStuck {
      logger.info("held")
      receiver.arrived.wait()
      for number in 0..<1000 { logger.info("flood \(number)") }
      for number in 0..<LogRing.reserveForErrors { logger.error("urgent \(number)") }
      #expect(logger.droppedCount == 996)
    }
    #expect(thread.finish(withinMilliseconds: 10_000))
    let lost = logger.droppedCount
    let confessed = receiver.records.filter { $0.id == .recordsDropped }
    #expect(confessed.count == 1)
    #expect(confessed.first?.level == .warning)
    #expect(confessed.first?.fields["DROPPED"] == .integer(Int(lost)))
    #expect(receiver.messages.first == "held")
    #expect(receiver.records.filter { $0.level == .error }.count == LogRing.reserveForErrors)
    #expect(UInt64(receiver.records.count - 1) + lost == 1 + 1000 + UInt64(LogRing.reserveForErrors))
  }

  @Test func `flush gives up at its deadline and succeeds once the journal is back`() throws {
    let receiver = Receiver()
    let thread = try receiver.start()
    receiver.whileStuck {
      thread.logger.critical("last words")
      #expect(!thread.logger.flush(withinMilliseconds: 10))
    }
    #expect(thread.logger.flush(withinMilliseconds: 10_000))
    #expect(receiver.messages == ["last words"])
    #expect(thread.finish(withinMilliseconds: 10_000))
  }

  @Test func `after the end records are counted, not kept`() throws {
    let receiver = Receiver()
    let thread = try receiver.start()
    #expect(thread.finish(withinMilliseconds: 10_000))
    thread.logger.info("too late")
    #expect(thread.logger.droppedCount == 1)
    #expect(receiver.messages.isEmpty)
  }

  @Test func `many threads lose nothing to each other`() throws {
    let receiver = Receiver()
    let thread = try receiver.start(capacity: 100_000)
    let logger = thread.logger
    let threads = try (0..<4).map { worker in
      try Platform.Thread.start(name: "w\(worker)") {
        for number in 0..<1000 { logger.info("\(number)", ["WORKER": .integer(worker)]) }
      }
    }
    for thread in threads { thread.join() }
    #expect(thread.finish(withinMilliseconds: 20_000))
    for worker in 0..<4 {
      let own = receiver.records.filter { $0.fields["WORKER"] == .integer(worker) }
      #expect(own.map(\.message) == (0..<1000).map(String.init))
    }
    #expect(logger.droppedCount == 0)
  }
}

struct LogLevelTests {
  @Test(arguments: [
    ("CRITICAL", LogLevel.critical), ("error", .error), ("Warn", .warning), ("warning", .warning),
    ("INFO", .info), ("debug", .debug), ("trace", .debug),
  ])
  func `levels are read in any case`(name: String, level: LogLevel) {
    #expect(LogLevel(word: name) == level)
  }

  @Test func `levels have syslog's severities`() {
    #expect(LogLevel.allCases.map(\.journalPriority.rawValue) == [2, 3, 4, 6, 7])
    #expect(LogLevel(word: "loud") == nil)
  }
}

struct MessageIDTests {
  @Test func `every kind of record has a number of its own`() {
    #expect(Set(MessageID.all).count == MessageID.all.count)
    for id in MessageID.all {
      #expect(id.text.count == 32)
      #expect(id.text.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }
  }
}
