/// Tells the daemon-wide state of one exchange, from the question whether it may begin to what became of it.
///
/// Whoever owns it calls `end` once; another call, or one without a beginning, changes nothing.
package struct ExchangeLedger {
  private let state: DaemonState
  private let upstream: UpstreamState
  private let usesBreaker: Bool
  private let client: ClientMark?
  private var pass: BreakerPass?
  private var visit: ClientVisit?
  private var isOpen = false
  /// The upstream's last word.
  package private(set) var status: Int?
  package private(set) var outcome: UpstreamOutcome?

  package init(_ state: DaemonState, _ upstream: UpstreamState, client: ClientMark?, usesBreaker: Bool) {
    self.state = state
    self.upstream = upstream
    self.client = client
    self.usesBreaker = usesBreaker
  }

  /// Why the request must not go out; nil: it may.
  package mutating func begin(now: UInt64) -> ErrorReply? {
    if self.usesBreaker {
      switch self.upstream.admit(now: now) {
      case .pass(let pass): self.pass = pass
      case .refuse(let seconds): return .breakerOpen(afterSeconds: seconds)
      }
    }
    self.isOpen = true
    if let client = self.client { self.visit = self.state.clientArrived(client, now: now) }
    return nil
  }

  /// The head of an answer that is passed on.
  package mutating func headArrived(status: Int, now: UInt64) {
    self.status = status
    if let pass = self.pass, pass.isProbe { self.upstream.probeAnswered(pass, status: status) }
    if self.acceptsKey, var visit = self.visit {
      self.state.clientAccepted(&visit, now: now)
      self.visit = visit
    }
  }

  /// Whether the upstream showed that it takes the key the request came with.
  package var acceptsKey: Bool { self.status.map { $0 < 500 && $0 != 401 && $0 != 403 } ?? false }

  /// `fault`: why there is no whole answer; nil: there is one.
  package mutating func end(_ fault: UpstreamOutcome?, now: UInt64) {
    guard self.isOpen else { return }
    self.isOpen = false
    let outcome = fault ?? self.status.map { .answered($0) } ?? .unreachable
    self.outcome = outcome
    if let pass = self.pass { self.upstream.ended(pass, outcome, now: now) }
    if let visit = self.visit { self.state.clientLeft(visit, now: now) }
  }
}
