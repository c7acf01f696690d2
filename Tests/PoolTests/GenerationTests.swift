import Pool
import Testing

/// How generations of workers begin and follow each other.
@Suite struct GenerationTests {
  @Test("the first generation is fed and announced when the last of it has beaten")
  func first() {
    var pool = PoolTranscript(workers: 3)
    #expect(pool.reload(3) == ["start 1", "start 2", "start 3"])
    #expect(pool.beat(2) == [])
    #expect(pool.beat(1) == [])
    #expect(pool.beat(1) == [])
    #expect(pool.beat(3) == ["feed 1 2 3", "announce 1"])
    #expect(pool.beat(3) == [])
  }

  @Test("a reload starts the successors first and retires the old ones when all of them serve")
  func overlap() {
    var pool = PoolTranscript.serving(2)
    pool.now = 500
    #expect(pool.reload(2) == ["start 3", "start 4"])
    #expect(pool.beat(4) == [])
    #expect(pool.beat(3) == ["feed 3 4", "retire 1 by 30500", "retire 2 by 30500", "announce 2"])
    #expect(pool.exited(1) == [])
    #expect(pool.exited(2) == [])
    #expect(pool.policy.names.map(\.age) == [3, 4])
  }

  @Test("a reload overtakes one that has not come to serve, whose workers never are fed")
  func overtaking() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.reload(2) == ["start 3", "start 4"])
    #expect(pool.beat(3) == [])
    #expect(pool.reload(1) == ["retire 4 by 30000", "start 5"])
    #expect(
      pool.beat(5) == [
        "feed 5", "retire 1 by 30000", "retire 2 by 30000", "retire 3 by 30000", "announce 3",
      ])
  }

  @Test("a reload may change the number of workers", arguments: [1, 2, 5])
  func size(_ workers: Int) {
    var pool = PoolTranscript.serving(2)
    #expect(pool.reload(workers).count == workers)
    for age in 3..<(2 + workers) { #expect(pool.beat(age) == []) }
    #expect(pool.beat(2 + workers).last == "announce 2")
    #expect(pool.policy.workersWanted == workers)
  }

  @Test("a replacement that cannot start is tried again after pauses that double up to a minute")
  func pauses() {
    var pool = PoolTranscript.serving(1)
    pool.reload(1)
    var age = 2
    for pause: UInt64 in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
      let failed = pool.now
      #expect(pool.exited(age) == [])
      pool.alive(1)
      for step in stride(from: failed + 900, to: failed + pause, by: 900) {
        pool.now = step
        pool.alive(1)
        #expect(pool.tick(at: step) == [])
      }
      age += 1
      pool.now = failed + pause
      pool.alive(1)
      #expect(pool.tick(at: failed + pause) == ["start \(age)"])
    }
    #expect(pool.beat(age) == ["feed \(age)", "retire 1 by \(pool.now + 30_000)", "announce 2"])
  }

  @Test("workers that fail together count as one failure")
  func failingTogether() {
    var pool = PoolTranscript(workers: 4)
    pool.reload(4)
    for age in 1...4 { #expect(pool.exited(age) == []) }
    #expect(pool.tick(at: 999) == [])
    #expect(pool.tick(at: 1_000) == ["start 5", "start 6", "start 7", "start 8"])
  }

  @Test("a new configuration does not wait for the pause an old one brought about")
  func reloadInPause() {
    var pool = PoolTranscript.serving(1)
    pool.reload(1)
    #expect(pool.exited(2) == [])
    #expect(pool.reload(1) == ["start 3"])
  }

  @Test("the end of a serving worker does not shorten the pause of one that cannot start")
  func pauseStays() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.change(by: 1) == ["start 3"])
    #expect(pool.exited(3) == [])
    #expect(pool.exited(1) == ["feed 2"])
    #expect(pool.tick(at: 999) == [])
    #expect(pool.tick(at: 1_000) == ["start 4", "start 5"])
  }

  @Test("the end of a serving worker is made known before its replacement starts")
  func servingWorkerEnds() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.exited(1) == ["feed 2", "start 3"])
    #expect(pool.beat(3) == ["feed 2 3"])
  }

  @Test("only a worker nobody told to end is counted on")
  func countedOn() {
    var pool = PoolTranscript(workers: 1)
    #expect(!pool.policy.isCountedOn(WorkerName(age: 1)))
    pool.reload(1)
    #expect(pool.policy.isCountedOn(WorkerName(age: 1)))
    pool.reload(1)
    #expect(!pool.policy.isCountedOn(WorkerName(age: 1)))
    pool.beat(2)
    #expect(pool.policy.isCountedOn(WorkerName(age: 2)))
  }

  @Test(
    "the number of workers keeps its bounds",
    arguments: [(-5, 1), (0, 1), (1, 1), (1_024, 1_024), (9_999, 1_024)])
  func bounds(_ asked: Int, _ given: Int) {
    #expect(PoolTranscript.limits(asked).workers == given)
  }
}
