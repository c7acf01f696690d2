import Pool
import Settings
import Testing

@testable import Server

/// The three worker classes: the policy of the pool is one and the same for all, what a worker may hold is not.
@Suite struct WorkerClassTests {
  static func settings(_ workerClass: WorkerClass) -> WorkerSettings {
    var settings = Settings().workers
    settings.workerClass = workerClass
    settings.count = 2
    settings.threads = workerClass == .gthread ? 4 : 1
    settings.connections = 6
    settings.timeoutSeconds = 5
    settings.gracefulTimeoutSeconds = 3
    return settings
  }

  enum Event: Sendable {
    case hup, ttin, ttou, term, int, tick
    case beat(Int), spent(Int), exited(Int)
  }

  /// What happens when (milliseconds), once two workers serve since 0, and what the last of it leads to.
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let events: [(at: UInt64, Event)]
    let orders: [PoolOrder]

    init(_ claim: String, _ events: [(at: UInt64, Event)], _ orders: [PoolOrder]) {
      self.testDescription = claim
      self.events = events
      self.orders = orders
    }
  }

  static func worker(_ age: Int) -> WorkerName { WorkerName(age: age) }

  static let rows = [
    Row("nothing to do", [(1_000, .tick)], []),
    Row("TTIN starts one more", [(1_000, .ttin)], [.start(worker(3))]),
    Row(
      "TTOU retires the oldest", [(1_000, .ttou)],
      [.feed([worker(2)]), .retire(worker(1), deadline: 4_000)]),
    Row("the last worker stays", [(1_000, .ttou), (2_000, .ttou)], []),
    Row("HUP starts a whole generation", [(1_000, .hup)], [.start(worker(3)), .start(worker(4))]),
    Row(
      "it takes over when each of it has beaten", [(1_000, .hup), (1_010, .beat(3)), (1_020, .beat(4))],
      [
        .feed([worker(3), worker(4)]), .retire(worker(1), deadline: 4_020),
        .retire(worker(2), deadline: 4_020),
        .announceGeneration(2),
      ]),
    Row("a share served starts the successor", [(1_000, .spent(1))], [.start(worker(3))]),
    Row(
      "and only then retires the worker", [(1_000, .spent(1)), (1_010, .beat(3))],
      [.feed([worker(2), worker(3)]), .retire(worker(1), deadline: 4_010)]),
    Row("silence up to the timeout is none", [(4_000, .beat(1)), (5_000, .tick)], []),
    Row(
      "beyond it the worker is abandoned and replaced",
      [(4_000, .beat(1)), (5_001, .tick)],
      [.feed([worker(1)]), .abandon(worker(2), silentMilliseconds: 5_001), .start(worker(3))]),
    Row(
      "a second silent one is the end", [(4_000, .beat(1)), (5_001, .tick), (9_001, .tick)],
      [.abort(.secondSilentWorker)]),
    Row(
      "TERM lets everybody finish", [(1_000, .term)],
      [.feed([]), .retire(worker(1), deadline: 4_000), .retire(worker(2), deadline: 4_000)]),
    Row("a second TERM cuts", [(1_000, .term), (1_500, .term)], [.cut(worker(1)), .cut(worker(2))]),
    Row(
      "whoever has not finished in time is cut", [(1_000, .term), (1_100, .exited(1)), (4_000, .tick)],
      [.cut(worker(2))]),
    Row(
      "INT cuts at once", [(1_000, .int)],
      [
        .feed([]), .retire(worker(1), deadline: 1_000), .cut(worker(1)), .retire(worker(2), deadline: 1_000),
        .cut(worker(2)),
      ]),
    Row(
      "the last to go ends it", [(1_000, .term), (1_100, .exited(1)), (1_200, .exited(2))], [.exit]),
    Row(
      "one that ends unasked is replaced", [(1_000, .exited(1))], [.feed([worker(2)]), .start(worker(3))]),
  ]

  @Test("what happens and what follows is the same in all classes", arguments: WorkerClass.allCases, rows)
  func policy(_ workerClass: WorkerClass, _ row: Row) {
    let limits = PoolLimits(Self.settings(workerClass))
    var policy = PoolPolicy(limits: limits)
    let started = policy.generationWanted(limits, now: 0)
    #expect(started == [.start(Self.worker(1)), .start(Self.worker(2))])
    _ = policy.beat(Self.worker(1), now: 0)
    _ = policy.beat(Self.worker(2), now: 0)
    var orders: [PoolOrder] = []
    for (now, event) in row.events {
      orders =
        switch event {
        case .hup: policy.generationWanted(limits, now: now)
        case .ttin: policy.workersWanted(changedBy: 1, now: now)
        case .ttou: policy.workersWanted(changedBy: -1, now: now)
        case .term: policy.stopWanted(now: now)
        case .int: policy.quickStopWanted(now: now)
        case .tick: policy.tick(now: now)
        case .beat(let age): policy.beat(Self.worker(age), now: now)
        case .spent(let age): policy.spent(Self.worker(age), now: now)
        case .exited(let age): policy.exited(Self.worker(age), now: now)
        }
    }
    #expect(orders == row.orders)
  }

  @Test(
    "a worker holds as many requests as its class says, and the next one waits its turn",
    arguments: [(WorkerClass.async, 6), (.gthread, 4), (.sync, 1)])
  func capacity(_ workerClass: WorkerClass, _ capacity: Int) {
    var turnstile = Turnstile(capacity: Self.settings(workerClass).capacity)
    let inside = (1...capacity).map { turnstile.enter(UInt64($0)) }
    #expect(inside.allSatisfy { $0 })
    let others = (101...103).map { turnstile.enter($0) }
    #expect(!others.contains(true))
    var next = turnstile.callNext()
    #expect(next == nil)
    turnstile.leave()
    let passes = turnstile.enter(104)
    #expect(!passes, "nobody passes those who wait")
    next = turnstile.callNext()
    #expect(next == 101)
    turnstile.waiterEntered()
    next = turnstile.callNext()
    #expect(next == nil)
    #expect((turnstile.inside, turnstile.waiting) == (capacity, 3))
  }

  @Test("the timeout bounds a request in sync and nowhere else")
  func requestSeconds() {
    #expect(WorkerClass.allCases.map { Self.settings($0).requestSeconds } == [nil, nil, 5])
    var endless = Self.settings(.sync)
    endless.timeoutSeconds = 0
    #expect(endless.requestSeconds == nil)
    #expect(PoolLimits(endless).silenceMilliseconds == nil)
  }

  @Test(
    "a worker that turns once a second is never silent, however short the timeout",
    arguments: WorkerClass.allCases)
  func shortTimeout(_ workerClass: WorkerClass) {
    var settings = Self.settings(workerClass)
    settings.timeoutSeconds = 1
    #expect(PoolLimits(settings).silenceMilliseconds == 2_000)
  }
}
