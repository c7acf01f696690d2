/// Permission for one exchange; handed back with what became of it.
package struct BreakerPass: Sendable, Equatable {
  /// 0 for an ordinary exchange, else the number of the probe it is.
  fileprivate let probe: UInt64

  package var isProbe: Bool { self.probe != 0 }
}

/// Whether an exchange may go to its upstream.
package enum BreakerVerdict: Sendable, Equatable {
  case pass(BreakerPass)
  /// After how long it pays to come again; nil while a probe is under way, whose end nobody knows.
  case refuse(afterSeconds: Int?)
}

/// What a breaker shows of itself.
package struct BreakerReading: Sendable, Equatable {
  package var isOpen = false
  package var isProbing = false
  package var consecutiveFailures = 0
  package var openings: UInt64 = 0
  package var refusals: UInt64 = 0

  package init() {}
}

/// Keeps requests away from an upstream that fails, and finds out with one of them when it has recovered.
///
///     closed --5 failures in a row--> open --30 s--> probing --answered--> closed
///                                      ^---- failed ----/ \--- abandoned: the next request probes
///
/// Time is a monotonic clock's, in milliseconds.
package struct Breaker: Sendable {
  package static let failuresToOpen = 5
  package static let openMilliseconds: UInt64 = 30_000
  /// The longest first-byte wait is a day; a probe nobody has reported on for this long was lost with its worker.
  static let lostProbeMilliseconds: UInt64 = 15 * 60_000

  private enum Phase: Sendable {
    case closed(failures: Int)
    case open(since: UInt64)
    /// `openSince` stays, so that an abandoned probe gives its place to the next request at once.
    case probing(UInt64, begun: UInt64, openSince: UInt64)
  }

  private var phase = Phase.closed(failures: 0)
  private var probes: UInt64 = 0
  private var failures = 0
  private var openings: UInt64 = 0
  private var refusals: UInt64 = 0

  package init() {}

  package mutating func admit(now: UInt64) -> BreakerVerdict {
    switch self.phase {
    case .closed:
      return .pass(BreakerPass(probe: 0))
    case .open(let since):
      let waited = now - min(now, since)
      guard waited < Self.openMilliseconds else { return self.beginProbe(now, openSince: since) }
      self.refusals &+= 1
      return .refuse(afterSeconds: Int(clamping: (Self.openMilliseconds - waited + 999) / 1_000))
    case .probing(_, let begun, let openSince):
      if now - min(now, begun) >= Self.lostProbeMilliseconds {
        return self.beginProbe(now, openSince: openSince)
      }
      self.refusals &+= 1
      return .refuse(afterSeconds: nil)
    }
  }

  /// A probe's answer began well: nobody has to wait for its end, which may be an hour away.
  package mutating func probeAnswered(_ pass: BreakerPass, status: Int) {
    guard status < 500, case .probing(pass.probe, _, _) = self.phase else { return }
    self.close()
  }

  package mutating func ended(_ pass: BreakerPass, _ outcome: UpstreamOutcome, now: UInt64) {
    switch self.phase {
    case .closed(let failures):
      self.endedWhileClosed(outcome, failures, now)
    case .open:
      // What had begun before it opened says nothing new.
      break
    case .probing(pass.probe, _, let openSince):
      if outcome == .abandoned {
        self.phase = .open(since: openSince)
      } else if outcome.isFailure {
        self.failures = Self.increased(self.failures)
        self.open(now)
      } else {
        self.close()
      }
    case .probing:
      break
    }
  }

  package var reading: BreakerReading {
    var reading = BreakerReading()
    reading.consecutiveFailures = self.failures
    reading.openings = self.openings
    reading.refusals = self.refusals
    switch self.phase {
    case .closed: break
    case .open: reading.isOpen = true
    case .probing: (reading.isOpen, reading.isProbing) = (true, true)
    }
    return reading
  }

  private mutating func endedWhileClosed(_ outcome: UpstreamOutcome, _ failures: Int, _ now: UInt64) {
    if outcome == .abandoned { return }
    guard outcome.isFailure else { return self.close() }
    self.failures = Self.increased(failures)
    if self.failures >= Self.failuresToOpen {
      self.open(now)
    } else {
      self.phase = .closed(failures: self.failures)
    }
  }

  private mutating func beginProbe(_ now: UInt64, openSince: UInt64) -> BreakerVerdict {
    self.probes &+= 1
    self.phase = .probing(self.probes, begun: now, openSince: openSince)
    return .pass(BreakerPass(probe: self.probes))
  }

  private mutating func open(_ now: UInt64) {
    self.openings &+= 1
    self.phase = .open(since: now)
  }

  private mutating func close() {
    self.failures = 0
    self.phase = .closed(failures: 0)
  }

  private static func increased(_ count: Int) -> Int { count == .max ? count : count + 1 }
}
