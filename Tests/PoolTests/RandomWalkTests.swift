import Pool
import Testing

/// What must be true of the policy whatever happens.
@Suite struct RandomWalkTests {
  /// The workers as the policy's orders have made them.
  private struct World {
    enum State { case starting, serving, told, abandoned }
    var workers: [WorkerName: State] = [:]
    var fed: [WorkerName] = []
    var wanted = 1
    var wasAnnounced = false
    var hasExited = false
    var hasAborted = false

    mutating func obey(_ orders: [PoolOrder]) {
      for order in orders {
        #expect(!self.hasExited, "nothing is ordered behind the end")
        switch order {
        case .start(let name):
          #expect(self.workers.keys.allSatisfy { $0 < name }, "names rise")
          self.workers[name] = .starting
        case .feed(let names):
          self.fed = names
        case .announceGeneration:
          self.wasAnnounced = true
        case .retire(let name, _), .cut(let name):
          #expect(self.workers[name] != nil && self.workers[name] != .abandoned)
          self.workers[name] = .told
        case .abandon(let name, _):
          #expect(!self.workers.values.contains(.abandoned), "one abandoned worker is the most")
          self.workers[name] = .abandoned
        case .abort:
          self.hasAborted = true
        case .exit:
          self.hasExited = true
        }
      }
    }

    func names(_ state: State) -> [WorkerName] {
      self.workers.filter { $0.value == state }.keys.sorted()
    }
  }

  private static func check(_ world: World, _ policy: PoolPolicy, _ step: Int) {
    #expect(Set(policy.names) == Set(world.workers.keys), "step \(step)")
    #expect(world.names(.starting).count <= policy.workersWanted, "step \(step): more start than are wanted")
    #expect(world.fed.allSatisfy { world.workers[$0] == .serving }, "step \(step): fed but not serving")
    if policy.isStopping {
      #expect(world.fed.isEmpty && world.names(.serving).isEmpty, "step \(step)")
    } else if world.wasAnnounced {
      #expect(world.fed.isEmpty == world.names(.serving).isEmpty, "step \(step): somebody could be fed")
    }
  }

  @Test("a random walk keeps the invariants and ends in an exit", arguments: 1...40)
  func walk(_ seed: UInt64) {
    var random = SeededRandom(state: seed)
    var world = World()
    var now: UInt64 = 1_000
    var policy = PoolPolicy(limits: PoolTranscript.limits(3))
    world.obey(policy.generationWanted(PoolTranscript.limits(3), now: now))
    for step in 0..<600 where !world.hasAborted {
      now += UInt64.random(in: 0...700, using: &random)
      let somebody = world.workers.keys.sorted().randomElement(using: &random)
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<3:
        let limits = PoolTranscript.limits(Int.random(in: 1...5, using: &random))
        world.obey(policy.generationWanted(limits, now: now))
      case 3..<8:
        let change = Bool.random(using: &random) ? 1 : -1
        world.obey(policy.workersWanted(changedBy: change, now: now))
      case 8..<70:
        guard let somebody else { break }
        if world.workers[somebody] == .starting { world.workers[somebody] = .serving }
        world.obey(policy.beat(somebody, now: now))
      case 70..<85:
        // Whoever was told to end does, and sometimes one that was not.
        let told = (world.names(.told) + world.names(.abandoned)).randomElement(using: &random)
        let isAccident = Int.random(in: 0..<4, using: &random) == 0
        guard let gone = isAccident ? somebody : told else { break }
        world.workers[gone] = nil
        world.obey(policy.exited(gone, now: now))
      case 85..<86 where step > 400:
        world.obey(policy.stopWanted(now: now))
      default:
        // Most are well, or every walk would soon end in an abort.
        for name in policy.names where Int.random(in: 0..<40, using: &random) > 0 {
          world.obey(policy.beat(name, at: now))
        }
        world.obey(policy.tick(now: now))
      }
      Self.check(world, policy, step)
    }
    if !world.hasExited, !policy.isStopping { world.obey(policy.stopWanted(now: now)) }
    for name in world.workers.keys.sorted() where !world.hasExited {
      world.workers[name] = nil
      world.obey(policy.exited(name, now: now))
    }
    #expect(world.hasExited)
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
