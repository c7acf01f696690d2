import Gateway
import Testing

/// When an upstream is left alone, and how its recovery is found out, in virtual time.
@Suite struct BreakerTests {
  /// A breaker and a clock that moves when it is told to.
  final class Run {
    var breaker = Breaker()
    var now: UInt64 = 1_000_000

    func admit() -> BreakerVerdict { self.breaker.admit(now: self.now) }

    /// One whole exchange; false if it was refused.
    @discardableResult
    func exchange(_ outcome: UpstreamOutcome) -> Bool {
      guard case .pass(let pass) = self.admit() else { return false }
      self.breaker.ended(pass, outcome, now: self.now)
      return true
    }

    func openIt() { for _ in 0..<5 { self.exchange(.answered(500)) } }
  }

  @Test(
    "five failures in a row open it, and the sixth request is refused",
    arguments: [
      UpstreamOutcome.answered(500), .answered(503), .answered(529), .unreachable, .timedOut, .broken,
    ])
  func opens(on failure: UpstreamOutcome) {
    let run = Run()
    for count in 1...5 {
      #expect(run.exchange(failure), "failure \(count) was still let through")
    }
    #expect(run.admit() == .refuse(afterSeconds: 30))
    #expect(run.breaker.reading.isOpen && run.breaker.reading.consecutiveFailures == 5)
  }

  @Test(
    "what is no failure of the upstream's never opens it",
    arguments: [UpstreamOutcome.answered(400), .answered(401), .answered(404), .answered(429), .abandoned])
  func staysClosed(on outcome: UpstreamOutcome) {
    let run = Run()
    for _ in 0..<50 { #expect(run.exchange(outcome)) }
    #expect(run.breaker.reading == BreakerReading())
  }

  @Test("an answer breaks the row, a client that left does not")
  func rows() {
    let run = Run()
    for _ in 0..<4 { run.exchange(.answered(500)) }
    run.exchange(.answered(200))
    for _ in 0..<4 { run.exchange(.timedOut) }
    #expect(!run.breaker.reading.isOpen)
    run.exchange(.abandoned)
    run.exchange(.unreachable)
    #expect(run.breaker.reading.isOpen)
  }

  @Test("after 30 s exactly one probe goes out; its success closes the breaker")
  func probe() throws {
    let run = Run()
    run.openIt()
    run.now += 29_999
    #expect(run.admit() == .refuse(afterSeconds: 1))
    run.now += 1
    guard case .pass(let probe) = run.admit() else { throw Unexpected() }
    #expect(probe.isProbe)
    #expect(run.admit() == .refuse(afterSeconds: nil))
    run.now += 60_000
    #expect(run.admit() == .refuse(afterSeconds: nil), "the probe is still under way")
    run.breaker.ended(probe, .answered(200), now: run.now)
    #expect(run.exchange(.answered(200)))
    #expect(run.breaker.reading.consecutiveFailures == 0)
    #expect(run.breaker.reading.refusals == 3)
  }

  @Test(
    "a probe that fails opens it for another 30 s", arguments: [UpstreamOutcome.answered(502), .timedOut])
  func failedProbe(_ failure: UpstreamOutcome) {
    let run = Run()
    run.openIt()
    run.now += 30_000
    #expect(run.exchange(failure))
    run.now += 29_999
    #expect(run.admit() == .refuse(afterSeconds: 1))
    run.now += 1
    #expect(run.exchange(.answered(200)))
    #expect(!run.breaker.reading.isOpen && run.breaker.reading.openings == 2)
  }

  @Test("a 4xx answers the probe: the upstream is there")
  func refusedProbe() {
    let run = Run()
    run.openIt()
    run.now += 30_000
    run.exchange(.answered(401))
    #expect(!run.breaker.reading.isOpen)
  }

  @Test("a probe whose client leaves gives its place to the next request at once")
  func abandonedProbe() throws {
    let run = Run()
    run.openIt()
    run.now += 30_000
    #expect(run.exchange(.abandoned))
    #expect(run.breaker.reading.isOpen)
    guard case .pass(let next) = run.admit() else { throw Unexpected() }
    #expect(next.isProbe)
  }

  @Test("the head of a probe's answer closes it; its stream may go on for an hour")
  func probeHead() throws {
    let run = Run()
    run.openIt()
    run.now += 30_000
    guard case .pass(let probe) = run.admit() else { throw Unexpected() }
    run.breaker.probeAnswered(probe, status: 200)
    #expect(run.exchange(.answered(200)))
    run.now += 3_600_000
    run.breaker.ended(probe, .broken, now: run.now)
    #expect(run.breaker.reading.consecutiveFailures == 1 && !run.breaker.reading.isOpen)
  }

  @Test("what began before it opened neither closes it nor keeps it open")
  func lateEnds() throws {
    let run = Run()
    guard case .pass(let early) = run.admit(), case .pass(let other) = run.admit() else { throw Unexpected() }
    run.openIt()
    run.now += 20_000
    run.breaker.ended(early, .answered(200), now: run.now)
    run.breaker.ended(other, .answered(500), now: run.now)
    #expect(run.breaker.reading.isOpen)
    run.now += 10_000
    guard case .pass(let probe) = run.admit() else { throw Unexpected() }
    run.breaker.ended(early, .answered(200), now: run.now)
    #expect(run.admit() == .refuse(afterSeconds: nil), "only the probe's own end counts")
    run.breaker.ended(probe, .answered(200), now: run.now)
    #expect(!run.breaker.reading.isOpen)
  }

  @Test("a probe that was lost with its worker does not keep the breaker open for ever")
  func lostProbe() throws {
    let run = Run()
    run.openIt()
    run.now += 30_000
    guard case .pass(let lost) = run.admit() else { throw Unexpected() }
    run.now += 15 * 60_000
    guard case .pass(let next) = run.admit() else { throw Unexpected() }
    run.breaker.ended(lost, .answered(500), now: run.now)
    #expect(run.admit() == .refuse(afterSeconds: nil))
    run.breaker.ended(next, .answered(200), now: run.now)
    #expect(!run.breaker.reading.isOpen)
  }

  @Test("a clock that seems to run backwards traps nothing")
  func backwards() {
    let run = Run()
    run.openIt()
    run.now = 0
    #expect(run.admit() == .refuse(afterSeconds: 30))
  }
}

struct Unexpected: Error {}
