internal import Gateway
internal import Platform
internal import Settings
internal import Upstream
internal import Wire

/// Asks the upstream that speaks Chat Completions for its models, at start and every minute.
///
/// It has a thread of its own, so that neither readiness nor any request ever waits for an upstream's list.
final class Discovery: EventHandler, TransferOwner {
  /// Whom to ask, and how.
  private struct Target {
    let upstream: OpenAIUpstream
    let settings: Settings
    let state: UpstreamState
  }

  /// One question on its way.
  private struct Attempt {
    let transfer: Transfer
    /// With a client's key.
    let isBorrowed: Bool
    var status = 0
    var body: [UInt8] = []
  }

  private let inbox: DiscoveryInbox
  private let state: DaemonState
  private let log: Logger
  private let loop: EventLoop
  private let transfers: TransferSet
  private var target: Target?
  private var attempt: Attempt?
  private var schedule = DiscoverySchedule()
  private var hasEnded = false
  /// What was logged last, so that only news are.
  private var lastWord = ""

  init?(_ inbox: DiscoveryInbox, _ state: DaemonState, _ log: Logger) {
    guard let loop = try? EventLoop(), let transfers = TransferSet(loop: loop) else { return nil }
    self.inbox = inbox
    self.state = state
    self.log = log
    self.loop = loop
    self.transfers = transfers
  }

  func run() {
    guard let token = try? self.loop.watch(self.inbox.wakeup.descriptor.raw, for: .read, self) else { return }
    defer { self.loop.forget(token) }
    while !self.hasEnded {
      self.loop.turn(waitingAtMost: self.patience)
      self.transfers.timePassed(now: self.loop.now)
      self.timePassed()
    }
    self.attempt?.transfer.cancel()
    self.attempt = nil
  }

  // MARK: - Time

  private var patience: Int32 {
    let now = self.loop.now
    let own = self.schedule.millisecondsUntilDue(from: now) ?? 3_600_000
    return Int32(clamping: min(own, self.transfers.millisecondsUntilDue(from: now) ?? own, 3_600_000))
  }

  private func timePassed() {
    switch self.schedule.due(now: self.loop.now) {
    case .nothing: break
    case .ask: self.ask(with: self.target?.upstream.ownKey, isBorrowed: false)
    case .giveUp: self.give(up: .timedOut)
    }
  }

  // MARK: - Letters

  func descriptorReady(_ readiness: Readiness) {
    for message in self.inbox.take() {
      switch message {
      case .configured(let settings): self.configured(settings)
      case .key(let key, let upstream):
        // The upstream may have changed, or its list have come, since the key was offered.
        guard let target = self.target, target.state.key == upstream, !self.schedule.isAsking else {
          continue
        }
        self.ask(with: key.revealed, isBorrowed: true)
      case .end: self.hasEnded = true
      }
    }
  }

  private func configured(_ settings: Settings) {
    self.attempt?.transfer.cancel()
    self.attempt = nil
    self.lastWord = ""
    self.target = settings.plan.openAI.map { upstream in
      Target(upstream: upstream, settings: settings, state: self.state.upstream(.openAI(upstream)))
    }
    self.schedule.configured(hasBackend: self.target != nil, now: self.loop.now)
  }

  // MARK: - A question

  private func ask(with key: String?, isBorrowed: Bool) {
    guard let target = self.target else { return }
    self.schedule.asked(now: self.loop.now)
    var fields = ChatHeaders(target.settings.headers, userAgent: "claude-proxy/\(version)")
      .translated(to: target.upstream, key: key, isStreaming: false)
    fields.remove("content-type")
    let order = TransferOrder(
      method: .get, url: target.upstream.modelsURL.description, headerLines: fields.lines, body: [],
      connection: UpstreamConnection(target.settings.upstream))
    guard let transfer = self.transfers.start(order, owner: self) else { return self.give(up: .unreachable) }
    self.attempt = Attempt(transfer: transfer, isBorrowed: isBorrowed)
  }

  func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead) {
    self.attempt?.status = head.status
  }

  func transferBytesArrived(_ transfer: Transfer, _ bytes: Span<UInt8>) {
    self.attempt?.body.append(copying: bytes)
    if let attempt = self.attempt, attempt.body.count > ModelListReader.mostBytes { self.give(up: .unusable) }
  }

  func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome) {
    guard let attempt = self.attempt else { return }
    self.attempt = nil
    self.schedule.ended()
    switch outcome {
    case .complete:
      do throws(DiscoveryFault) {
        let list = try ModelListReader.read(status: attempt.status, attempt.body)
        self.settle(attempt.isBorrowed ? list.withoutPrivateModels : list)
      } catch {
        self.settle(error)
      }
    case .failed(let fault):
      self.settle(fault == .connectTimeout ? .timedOut : .unreachable)
    }
  }

  private func give(up fault: DiscoveryFault) {
    self.attempt?.transfer.cancel()
    self.attempt = nil
    self.schedule.ended()
    self.settle(fault)
  }

  // MARK: - What came of it

  private func settle(_ list: ModelList) {
    self.target?.state.learned(list, now: self.loop.now)
    self.say("\(list.models.count) models at the OpenAI-speaking upstream")
  }

  private func settle(_ fault: DiscoveryFault) {
    guard let target = self.target else { return }
    // With the server's own key refused, a client's is no better.
    let isOurs = fault == .needsKey && target.upstream.keyMode == .serverKey
    let fault = isOurs ? DiscoveryFault.refused : fault
    target.state.discoveryFailed(fault)
    // Where a client's key brought the list, asking without one fails every minute.
    if fault == .needsKey, target.state.models != nil { return }
    self.say("the OpenAI-speaking upstream's list of models cannot be read: \(fault.rawValue)")
  }

  private func say(_ word: String) {
    guard word != self.lastWord else { return }
    self.lastWord = word
    self.log.info(word)
  }
}

extension OpenAIUpstream {
  /// The key the list is asked for with; nil where clients bring their own.
  fileprivate var ownKey: String? { self.keyMode == .serverKey ? self.key?.revealed : nil }
}
