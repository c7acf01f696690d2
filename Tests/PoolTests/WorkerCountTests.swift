import Pool
import Testing

/// SIGTTIN and SIGTTOU.
@Suite struct WorkerCountTests {
  @Test("one more starts a worker, one fewer retires the oldest")
  func oneMoreOneFewer() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.change(by: 1) == ["start 3"])
    #expect(pool.beat(3) == ["feed 1 2 3"])
    #expect(pool.change(by: -1) == ["feed 2 3", "retire 1 by 30000"])
    #expect(pool.change(by: -1) == ["feed 3", "retire 2 by 30000"])
    #expect(pool.exited(1) == [])
  }

  @Test("fewer than one is not possible")
  func lowerBound() {
    var pool = PoolTranscript.serving(1)
    #expect(pool.change(by: -1) == [])
    #expect(pool.change(by: Int.min + 1) == [])
    #expect(pool.policy.workersWanted == 1)
  }

  @Test("more than the most is not possible")
  func upperBound() {
    var pool = PoolTranscript(workers: PoolLimits.mostWorkers)
    #expect(pool.reload(PoolLimits.mostWorkers).count == PoolLimits.mostWorkers)
    #expect(pool.change(by: 1) == [])
    #expect(pool.change(by: Int.max) == [])
    #expect(pool.policy.workersWanted == PoolLimits.mostWorkers)
  }

  @Test("one fewer while a generation starts makes it whole if the rest of it serves")
  func fewerWhileStarting() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.reload(2) == ["start 3", "start 4"])
    #expect(pool.beat(4) == [])
    #expect(
      pool.change(by: -1) == [
        "feed 1 2", "retire 3 by 30000", "feed 4", "retire 1 by 30000", "retire 2 by 30000", "announce 2",
      ])
  }

  @Test("one fewer before the first generation serves announces what is left of it")
  func fewerAtStart() {
    var pool = PoolTranscript(workers: 2)
    pool.reload(2)
    #expect(pool.beat(2) == [])
    #expect(pool.change(by: -1) == ["feed nobody", "retire 1 by 30000", "feed 2", "announce 1"])
  }

  @Test("one fewer in the middle of a reload does not feed the generation that is to come")
  func fewerWhileReloading() {
    var pool = PoolTranscript.serving(2)
    pool.reload(3)
    #expect(pool.beat(3) == [])
    #expect(pool.change(by: -1) == ["feed 1 2", "retire 3 by 30000"])
    #expect(pool.beat(4) == [])
    #expect(pool.beat(5).first == "feed 4 5")
  }
}
