import Platform
import Testing

/// Deadlines on the wheel.
@Suite struct TimerWheelTests {
  /// Writes down when it was called, and may do something then.
  private final class Sleeper: DeadlineHandler {
    private(set) var calls: [UInt64] = []
    var now: () -> UInt64 = { 0 }
    var then: (Sleeper) -> Void = { _ in }
    lazy var deadline = Deadline(self)

    func deadlinePassed(_ deadline: Deadline) {
      self.calls.append(self.now())
      self.then(self)
    }
  }

  /// A wheel, sleepers and a clock.
  private final class World {
    var now: UInt64
    let wheel: TimerWheel
    private(set) var sleepers: [Sleeper] = []

    init(now: UInt64 = 1_000_000, sleepers: Int) {
      self.now = now
      self.wheel = TimerWheel(now: now)
      for _ in 0..<sleepers {
        let sleeper = Sleeper()
        sleeper.now = { [unowned self] in self.now }
        self.sleepers.append(sleeper)
      }
    }

    func pass(_ milliseconds: UInt64) {
      self.now += milliseconds
      self.wheel.fire(now: self.now)
    }
  }

  @Test(
    "a deadline is met once, never early and at most one step late, however far ahead it was",
    arguments: [0, 1, 15, 16, 17, 1_000, 32_767, 32_768, 32_784, 65_536, 600_000] as [UInt64])
  func met(_ ahead: UInt64) throws {
    let world = World(now: 1_000_003, sleepers: 1)
    let due = world.now + ahead
    world.wheel.set(world.sleepers[0].deadline, at: due)
    while let wait = world.wheel.millisecondsUntilNext(from: world.now) { world.pass(wait) }
    let called = try #require(world.sleepers[0].calls.first)
    #expect(world.sleepers[0].calls.count == 1)
    #expect(called >= due && called <= due + 16)
  }

  @Test(
    "a cancelled deadline is not met, and can be set again, earlier or later",
    arguments: [50, 5_000] as [UInt64])
  func cancelled(_ again: UInt64) {
    let world = World(sleepers: 1)
    let sleeper = world.sleepers[0]
    world.wheel.set(sleeper.deadline, at: world.now + 1_000)
    sleeper.deadline.cancel()
    world.wheel.set(sleeper.deadline, at: world.now + again)
    let due = world.now + again
    while let wait = world.wheel.millisecondsUntilNext(from: world.now) { world.pass(wait) }
    #expect(sleeper.calls.count == 1)
    #expect(sleeper.calls.allSatisfy { $0 >= due && $0 <= due + 16 })
  }

  @Test("what is removed leaves nothing to wait for")
  func removed() {
    let world = World(sleepers: 3)
    for sleeper in world.sleepers { world.wheel.set(sleeper.deadline, at: world.now + 40_000) }
    world.wheel.remove(world.sleepers[0].deadline)
    world.wheel.remove(world.sleepers[0].deadline)
    world.wheel.remove(world.sleepers[2].deadline)
    #expect(world.wheel.millisecondsUntilNext(from: world.now) != nil)
    world.wheel.remove(world.sleepers[1].deadline)
    #expect(world.wheel.millisecondsUntilNext(from: world.now) == nil)
    world.pass(100_000)
    #expect(world.sleepers.allSatisfy { $0.calls.isEmpty })
  }

  @Test("a handler that has gone is not called")
  func handlerGone() {
    let wheel = TimerWheel(now: 0)
    var sleeper: Sleeper? = Sleeper()
    weak let trace = sleeper
    if let sleeper { wheel.set(sleeper.deadline, at: 100) }
    sleeper = nil
    #expect(trace == nil)
    wheel.fire(now: 1_000)
    #expect(wheel.millisecondsUntilNext(from: 1_000) == nil)
  }

  @Test("a handler that puts off another deadline of the same moment puts it off once")
  func putOffByAnother() {
    let world = World(sleepers: 2)
    let (first, second) = (world.sleepers[0], world.sleepers[1])
    first.then = { _ in world.wheel.set(second.deadline, at: world.now + 500) }
    second.then = { me in
      if me.calls.count < 5 { world.wheel.set(me.deadline, at: world.now + 500) }
    }
    world.wheel.set(first.deadline, at: world.now + 10)
    world.wheel.set(second.deadline, at: world.now + 10)
    world.pass(32)
    #expect(second.calls.isEmpty)
    world.wheel.remove(second.deadline)
    #expect(world.wheel.millisecondsUntilNext(from: world.now) == nil)
  }

  @Test("a handler that sets itself to now is called again, but not for ever in one turn")
  func setAgain() {
    let world = World(sleepers: 1)
    world.sleepers[0].then = { me in world.wheel.set(me.deadline, at: world.now) }
    world.wheel.set(world.sleepers[0].deadline, at: world.now)
    for round in 1...20 {
      world.pass(16)
      #expect(world.sleepers[0].calls.count == round)
    }
  }

  @Test("a handler may cancel, remove and set others while they are due", arguments: 0..<3)
  func reentrant(_ way: Int) {
    let world = World(sleepers: 10)
    for sleeper in world.sleepers { world.wheel.set(sleeper.deadline, at: world.now + 5) }
    world.sleepers[0].then = { _ in
      for other in world.sleepers.dropFirst() {
        switch way {
        case 0: other.deadline.cancel()
        case 1: world.wheel.remove(other.deadline)
        default: world.wheel.set(other.deadline, at: world.now + 100)
        }
      }
    }
    world.pass(32)
    #expect(world.sleepers.map(\.calls.count).reduce(0, +) == 1)
    world.pass(200)
    #expect(world.sleepers.map(\.calls.count).reduce(0, +) == (way == 2 ? 10 : 1))
    #expect(world.wheel.millisecondsUntilNext(from: world.now) == nil)
  }

  @Test("a random walk agrees with a list of moments", arguments: 1...10 as ClosedRange<UInt64>)
  func walk(_ seed: UInt64) {
    var random = SeededRandom(state: seed)
    let world = World(now: UInt64.random(in: 0...100_000, using: &random), sleepers: 60)
    var model: [UInt64?] = Array(repeating: nil, count: 60)
    var met = Array(repeating: 0, count: 60)
    for step in 0..<2_000 {
      let index = Int.random(in: 0..<60, using: &random)
      let deadline = world.sleepers[index].deadline
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let reach: UInt64 = [20, 400, 9_000, 70_000].randomElement(using: &random) ?? 20
        let moment = world.now + UInt64.random(in: 0...reach, using: &random)
        world.wheel.set(deadline, at: moment)
        model[index] = moment
      case 5:
        deadline.cancel()
        model[index] = nil
      case 6:
        world.wheel.remove(deadline)
        model[index] = nil
      default:
        let jump: UInt64 = [3, 40, 2_000, 50_000].randomElement(using: &random) ?? 3
        let next = world.wheel.millisecondsUntilNext(from: world.now)
        if let first = model.compactMap({ $0 }).min() {
          #expect(next.map { world.now + $0 <= max(first, world.now) + 16 } ?? false, "step \(step)")
        }
        world.pass(UInt64.random(in: 0...jump, using: &random))
        // What is due in the step that has not ended is met now or when it has.
        for (other, sleeper) in world.sleepers.enumerated() {
          guard let moment = model[other], moment <= world.now else { continue }
          guard moment / 16 < world.now / 16 || sleeper.calls.count > met[other] else { continue }
          model[other] = nil
          met[other] += 1
        }
      }
      #expect(world.sleepers.map(\.calls.count) == met, "step \(step)")
    }
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var value = self.state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
