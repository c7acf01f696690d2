import Pool
import Testing

/// `GUNICORN_MAX_REQUESTS`: a worker that has served its share.
@Suite struct SpentWorkerTests {
  @Test("its successor starts first and then it goes")
  func successorFirst() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.spent(1) == ["start 3"])
    #expect(pool.spent(1) == [])
    #expect(pool.tick(at: 900) == [])
    #expect(pool.beat(3) == ["feed 2 3", "retire 1 by 30900"])
    #expect(pool.exited(1) == [])
    #expect(pool.policy.names.map(\.age) == [2, 3])
  }

  @Test("all at once, each is replaced by one")
  func together() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.spent(1) == ["start 3"])
    #expect(pool.spent(2) == ["start 4"])
    #expect(pool.beat(4) == ["feed 2 4", "retire 1 by 30000"])
    #expect(pool.beat(3) == ["feed 3 4", "retire 2 by 30000"])
  }

  @Test("it serves on while its successor cannot start")
  func successorFails() {
    var pool = PoolTranscript.serving(1)
    #expect(pool.spent(1) == ["start 2"])
    #expect(pool.exited(2) == [])
    pool.alive(1)
    #expect(pool.tick(at: 999) == [])
    #expect(pool.tick(at: 1_000) == ["start 3"])
    #expect(pool.beat(3) == ["feed 3", "retire 1 by 31000"])
  }

  @Test("one that ends by itself before is no loss")
  func endsBefore() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.spent(1) == ["start 3"])
    #expect(pool.exited(1) == ["feed 2"])
    #expect(pool.beat(3) == ["feed 2 3"])
  }

  @Test("a reload retires it with the others of its generation")
  func reload() {
    var pool = PoolTranscript.serving(1)
    #expect(pool.spent(1) == ["start 2"])
    #expect(pool.reload(1) == ["retire 2 by 30000", "start 3"])
    #expect(pool.beat(3) == ["feed 3", "retire 1 by 30000", "announce 2"])
  }

  @Test("one that is spent before the first generation serves counts as serving")
  func early() {
    var pool = PoolTranscript(workers: 2)
    pool.reload(2)
    #expect(pool.beat(1) == [])
    #expect(pool.spent(1) == ["start 3"])
    #expect(pool.beat(2) == ["feed 1 2", "announce 1"])
    #expect(pool.beat(3) == ["feed 2 3", "retire 1 by 30000"])
  }

  @Test("a stop retires it, silence gives it up")
  func otherEnds() {
    var pool = PoolTranscript.serving(1)
    #expect(pool.spent(1) == ["start 2"])
    #expect(
      pool.tick(at: 10_001) == [
        "feed nobody", "abandon 1 after 10001", "abort: \(AbortReason.secondSilentWorker.rawValue)",
      ])
    var other = PoolTranscript.serving(1)
    #expect(other.spent(1) == ["start 2"])
    #expect(other.stop() == ["feed nobody", "retire 1 by 30000", "retire 2 by 30000"])
    #expect(other.spent(1) == [])
  }
}
