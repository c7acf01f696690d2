import Pool
import Testing

/// Workers that stop beating.
@Suite struct SilenceTests {
  @Test("a worker is silent only after more than its time")
  func boundary() {
    var pool = PoolTranscript.serving(1)
    #expect(pool.tick(at: 10_000) == [])
    #expect(pool.tick(at: 10_001) == ["feed nobody", "abandon 1 after 10001", "start 2"])
    #expect(pool.beat(2) == ["feed 2"])
  }

  @Test("a silent worker is abandoned and replaced, and gone when it comes back")
  func comesBack() {
    var pool = PoolTranscript.serving(2)
    pool.now = 9_000
    pool.alive(2)
    #expect(pool.tick(at: 10_500) == ["feed 2", "abandon 1 after 10500", "start 3"])
    #expect(pool.beat(3) == ["feed 2 3"])
    #expect(pool.beat(1) == [])
    #expect(pool.exited(1) == [])
    #expect(pool.policy.names.map(\.age) == [2, 3])
    pool.now = 12_000
    pool.alive(2)
    pool.now = 21_000
    pool.alive(3)
    #expect(pool.tick(at: 22_500) == ["feed 3", "abandon 2 after 10500", "start 4"])
  }

  @Test("a second silent worker while one is abandoned is the end, and nothing is ordered behind it")
  func second() {
    var pool = PoolTranscript.serving(2)
    #expect(
      pool.tick(at: 10_001) == [
        "feed 2", "abandon 1 after 10001", "abort: a second worker fell silent while one was abandoned",
      ])
  }

  @Test("a worker that never beats is found as well")
  func neverBeaten() {
    var pool = PoolTranscript(workers: 2)
    pool.reload(2)
    pool.beat(1)
    pool.now = 9_000
    pool.alive(1)
    #expect(pool.tick(at: 10_001) == ["feed nobody", "abandon 2 after 10001", "start 3"])
    #expect(pool.beat(3) == ["feed 1 3", "announce 1"])
  }

  @Test("a silent worker in the middle of a reload leaves the rest of its own generation fed")
  func whileReloading() {
    var pool = PoolTranscript.serving(2)
    pool.now = 9_000
    pool.alive(2)
    pool.reload(2)
    #expect(pool.beat(3) == [])
    #expect(pool.tick(at: 10_500) == ["feed 2", "abandon 1 after 10500"])
  }

  @Test("when nobody of the old generation is left, the new one is fed before it is whole")
  func bereft() {
    var pool = PoolTranscript.serving(1)
    pool.now = 9_000
    pool.reload(2)
    #expect(pool.beat(2) == [])
    #expect(pool.tick(at: 10_500) == ["feed 2", "abandon 1 after 10500"])
    #expect(pool.beat(3) == ["feed 2 3", "announce 2"])
  }

  @Test("without a limit nobody is ever silent")
  func noLimit() {
    var policy = PoolPolicy(limits: PoolTranscript.limits(1))
    let limits = PoolLimits(workers: 1, silenceMilliseconds: nil, graceMilliseconds: 0)
    _ = policy.generationWanted(limits, now: 0)
    #expect(policy.tick(now: 1 << 60).isEmpty)
  }

  @Test("an old time stamp takes nothing back, and a stranger's changes nothing")
  func oldStamps() {
    var pool = PoolTranscript.serving(1)
    pool.now = 8_000
    pool.alive(1)
    pool.now = 3_000
    pool.alive(1, 99)
    #expect(pool.beat(99) == [])
    #expect(pool.exited(99) == [])
    #expect(pool.tick(at: 18_000) == [])
    #expect(pool.tick(at: 18_001).count == 3)
  }

  @Test("a retiring worker that falls silent is abandoned, and nobody replaces it")
  func retiringWorker() {
    var pool = PoolTranscript.serving(2)
    #expect(pool.change(by: -1) == ["feed 2", "retire 1 by 30000"])
    pool.now = 10_001
    pool.alive(2)
    #expect(pool.tick(at: 10_001) == ["feed 2", "abandon 1 after 10001"])
  }
}
