import Pool
import Testing

/// SIGTERM, a second one, SIGINT.
@Suite struct StoppingTests {
  private static let tooLate = "abort: workers did not end in time"

  @Test("SIGTERM feeds nobody, lets everybody finish, and exits with the last")
  func drain() {
    var pool = PoolTranscript.serving(2)
    pool.now = 100
    #expect(pool.stop() == ["feed nobody", "retire 1 by 30100", "retire 2 by 30100"])
    #expect(pool.policy.isStopping)
    #expect(pool.exited(2) == [])
    #expect(pool.exited(1) == ["exit"])
    #expect(pool.tick(at: 90_000) == [])
  }

  @Test("who has not finished by the deadline is cut, and not waited for long after that")
  func deadline() {
    var pool = PoolTranscript.serving(2)
    _ = pool.stop()
    #expect(pool.exited(1) == [])
    for moment in stride(from: UInt64(1_000), through: 29_999, by: 1_000) {
      pool.now = moment
      pool.alive(2)
      #expect(pool.tick(at: moment) == [])
    }
    #expect(pool.tick(at: 30_000) == ["cut 2"])
    pool.alive(2)
    #expect(pool.tick(at: 31_999) == [])
    #expect(pool.tick(at: 32_000) == [Self.tooLate])
  }

  @Test("a cut worker that ends in time is the end of all")
  func cutAndGone() {
    var pool = PoolTranscript.serving(1)
    _ = pool.stop()
    pool.now = 29_000
    pool.alive(1)
    #expect(pool.tick(at: 30_000) == ["cut 1"])
    #expect(pool.exited(1) == ["exit"])
  }

  @Test("a second SIGTERM cuts at once")
  func twice() {
    var pool = PoolTranscript.serving(2)
    _ = pool.stop()
    pool.now = 700
    #expect(pool.stop() == ["cut 1", "cut 2"])
    #expect(pool.stop() == [])
    #expect(pool.tick(at: 2_699) == [])
    #expect(pool.tick(at: 2_700) == [Self.tooLate])
  }

  @Test("SIGINT retires and cuts at once, whoever there is")
  func interrupt() {
    var pool = PoolTranscript.serving(1)
    pool.reload(1)
    #expect(
      pool.quickStop() == ["feed nobody", "retire 1 by 0", "cut 1", "retire 2 by 0", "cut 2"])
    #expect(pool.exited(1) == [])
    #expect(pool.exited(2) == ["exit"])
  }

  @Test("a stop while a generation starts ends both generations, and starts nobody")
  func whileStarting() {
    var pool = PoolTranscript.serving(1)
    pool.reload(1)
    #expect(pool.stop() == ["feed nobody", "retire 1 by 30000", "retire 2 by 30000"])
    #expect(pool.beat(2) == [])
    #expect(pool.reload(5) == [])
    #expect(pool.change(by: 1) == [])
    #expect(pool.exited(2) == [])
    #expect(pool.exited(1) == ["exit"])
  }

  @Test("an abandoned worker is not waited for")
  func abandoned() {
    var pool = PoolTranscript.serving(1)
    pool.tick(at: 10_001)
    pool.beat(2)
    #expect(pool.stop() == ["feed nobody", "retire 2 by 40001"])
    #expect(pool.exited(2) == ["exit"])
  }

  @Test("with nobody but abandoned workers a stop is an exit")
  func onlyAbandoned() {
    var pool = PoolTranscript.serving(1)
    pool.tick(at: 10_001)
    #expect(pool.exited(2) == [])
    #expect(pool.stop() == ["feed nobody", "exit"])
    #expect(pool.exited(1) == [])
  }

  @Test("after a reload, old workers that will not finish are cut while the new ones serve on")
  func reloadDeadline() {
    var pool = PoolTranscript.serving(1)
    pool.reload(1)
    pool.beat(2)
    pool.now = 29_999
    pool.alive(1, 2)
    #expect(pool.tick(at: 30_000) == ["cut 1"])
    pool.now = 39_000
    pool.alive(1, 2)
    #expect(pool.tick(at: 40_000) == [])
    #expect(pool.exited(1) == [])
    #expect(pool.policy.names.map(\.age) == [2])
  }
}
