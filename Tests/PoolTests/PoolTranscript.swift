import Pool
import Testing

/// A policy under virtual time, and what it orders, in short words.
struct PoolTranscript {
  var policy: PoolPolicy
  var now: UInt64 = 0
  static let grace: UInt64 = 30_000
  static let silence: UInt64 = 10_000

  init(workers: Int) {
    self.policy = PoolPolicy(limits: Self.limits(workers))
  }

  /// Started, and each worker has beaten once.
  static func serving(_ workers: Int) -> PoolTranscript {
    var pool = PoolTranscript(workers: workers)
    pool.reload(workers)
    for age in 1...workers { pool.beat(age) }
    return pool
  }

  static func limits(_ workers: Int) -> PoolLimits {
    PoolLimits(workers: workers, silenceMilliseconds: Self.silence, graceMilliseconds: Self.grace)
  }

  @discardableResult
  mutating func reload(_ workers: Int) -> [String] {
    self.words(self.policy.generationWanted(Self.limits(workers), now: self.now))
  }

  @discardableResult
  mutating func beat(_ age: Int) -> [String] {
    self.words(self.policy.beat(WorkerName(age: age), now: self.now))
  }

  /// All of these show, by their own time stamps, that they are well.
  mutating func alive(_ ages: Int...) {
    for age in ages { #expect(self.policy.beat(WorkerName(age: age), at: self.now).isEmpty) }
  }

  @discardableResult
  mutating func exited(_ age: Int) -> [String] {
    self.words(self.policy.exited(WorkerName(age: age), now: self.now))
  }

  mutating func spent(_ age: Int) -> [String] {
    self.words(self.policy.spent(WorkerName(age: age), now: self.now))
  }

  @discardableResult
  mutating func tick(at moment: UInt64) -> [String] {
    self.now = moment
    return self.words(self.policy.tick(now: moment))
  }

  mutating func change(by change: Int) -> [String] {
    self.words(self.policy.workersWanted(changedBy: change, now: self.now))
  }

  mutating func stop() -> [String] { self.words(self.policy.stopWanted(now: self.now)) }
  mutating func quickStop() -> [String] { self.words(self.policy.quickStopWanted(now: self.now)) }

  private func words(_ orders: [PoolOrder]) -> [String] { orders.map(\.words) }
}

extension PoolOrder {
  var words: String {
    switch self {
    case .start(let name): "start \(name)"
    case .feed(let names):
      "feed \(names.isEmpty ? "nobody" : names.map(\.description).joined(separator: " "))"
    case .announceGeneration(let generation): "announce \(generation)"
    case .retire(let name, let deadline): "retire \(name) by \(deadline)"
    case .cut(let name): "cut \(name)"
    case .abandon(let name, let silent): "abandon \(name) after \(silent)"
    case .abort(let reason): "abort: \(reason.rawValue)"
    case .exit: "exit"
    }
  }
}
