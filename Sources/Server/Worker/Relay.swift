internal import Dialogue
internal import Gateway
internal import Platform
internal import Settings
internal import Upstream
internal import Wire

/// One request on its way through an upstream: brings the pure `Exchange` together with a transfer, a client and the clock.
final class Relay: TransferOwner, CountOwner {
  private let request: IncomingRequest
  private let plan: RequestPlan
  /// This is its phase until one of them ends.
  private let connection: Connection
  private let worker: Worker
  private let exchange: any Exchange
  private var transfer: Transfer?
  /// The connection's, because it has many of these one after the other: until when the upstream has to stir.
  private let deadline: Deadline
  private var isWaitingForRetry = false
  /// The pulse waits for the client's next ping; before that it waits for the moment to begin early.
  private var isPulseOfStream = false
  private var lastSignMilliseconds: UInt64 = 0
  private var isHeld = false
  private var firstByteMicroseconds: UInt64?
  private let errand: Errand
  private var ledger: ExchangeLedger
  /// Why the upstream's answer is not whole; nil as long as it may become so.
  private var fault: UpstreamOutcome?
  private var isStream = false
  private var retries = 0
  /// The upstream's request: the plan's, but for fields that this upstream refuses.
  private var body: [UInt8]
  private let requestBytes: Int
  private var count: Count?
  /// What of the answer is to be counted.
  private var uncounted: [UInt8] = []
  /// Left out because of this request's first answer; learned once that has helped.
  private var remedy: Remedy?
  private var losses: Losses

  init(
    _ request: IncomingRequest, _ plan: RequestPlan, _ surroundings: Surroundings, _ errand: Errand,
    _ connection: Connection
  ) {
    self.request = request
    let secondTry = plan.takeSecondTry()
    self.plan = plan
    self.connection = connection
    self.deadline = connection.upstreamDeadline
    self.worker = connection.worker
    self.errand = errand
    self.ledger = ExchangeLedger(
      self.worker.station.state, self.worker.upstreams[plan.upstream], client: errand.mark,
      usesBreaker: self.worker.snapshot.settings.resilience.hasBreaker)
    self.body = plan.body
    self.requestBytes = plan.body.count
    self.losses = plan.losses
    if errand.route == .testConnection {
      self.exchange = TestConnectionExchange(
        for: request.reply, model: plan.notes.sentModel ?? "demo", upstream: plan.upstream,
        now: Clock.wallSeconds())
      return
    }
    let settings = self.worker.snapshot.settings
    self.exchange =
      switch plan.reply {
      case .relayed: RelayedExchange(for: request.reply, retries: plan.retries)
      case .counted: CountExchange(for: request.reply)
      case .renamed(let context):
        RelayedExchange(for: request.reply, naming: context, retries: plan.retries)
      case .translated(let context):
        TranslatedExchange(
          for: request.reply, context, surroundings, losses: plan.losses,
          reportsLosses: settings.translation.losses != .ignore, retries: plan.retries,
          missing: MissingModel(
            asked: plan.notes.askedModel, sent: plan.notes.sentModel,
            in: self.worker.upstreams[plan.upstream].models,
            isAnswer: settings.models.tells404AsMessage),
          secondTry: secondTry)
      }
  }

  func start() {
    self.lastSignMilliseconds = self.worker.loop.now
    if let refusal = self.ledger.begin(now: self.worker.loop.now) { return self.end(with: refusal) }
    self.ask()
    if self.exchange.wantsCount { self.beginCount() }
    if self.exchange.wantsPulse { self.setPulse() }
  }

  private func ask() {
    let settings = self.worker.snapshot.settings
    let order = TransferOrder(
      method: .post, url: self.plan.url, headerLines: self.plan.headerLines, body: self.body,
      connection: self.worker.connection(to: self.plan.upstream))
    self.wait(seconds: settings.waits.firstByteSeconds)
    self.transfer = self.worker.transfers.start(order, owner: self)
    if self.transfer == nil { self.end(with: .unreachable("the request could not be sent")) }
  }

  // MARK: - From the upstream

  func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead) {
    self.upstreamStirred()
    self.isStream = head.fields.listContains("content-type", "text/event-stream")
    self.ledger.headArrived(status: head.status, now: self.worker.loop.now)
    if (200..<300).contains(head.status) { self.upstreamAgreed() }
    let step = self.exchange.headArrived(head, date: self.worker.date, to: &self.connection.output)
    self.obey(step)
    if step == .goOn, self.isStream, (200..<300).contains(head.status) { self.settle() }
  }

  /// The stream goes on, for hours perhaps, and nothing is asked again: what only that needed is let go.
  private func settle() {
    self.body = []
    self.plan.letGo()
    self.request.settle()
    self.connection.settle()
  }

  func transferBytesArrived(_ transfer: Transfer, _ bytes: Span<UInt8>) {
    self.upstreamStirred()
    self.obey(self.exchange.bytesArrived(bytes, date: self.worker.date, to: &self.connection.output))
    if !self.isHeld, self.connection.output.count > Patience.holdAboveBytes {
      self.isHeld = true
      transfer.hold()
      // A slow client is no silent upstream.
      self.deadline.cancel()
    }
  }

  func takesWhole(_ transfer: Transfer) -> Bool { self.exchange.takesWhole }

  func transferEnded(_ transfer: Transfer, whole bytes: Span<UInt8>) {
    self.transfer = nil
    self.obey(self.exchange.wholeArrived(bytes, date: self.worker.date, to: &self.connection.output))
  }

  func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome) {
    self.transfer = nil
    switch outcome {
    case .complete:
      self.obey(self.exchange.upstreamFinished(date: self.worker.date, to: &self.connection.output))
    case .failed(let fault):
      if fault.happenedBeforeSending, fault != .untrusted, let wait = self.exchange.waitAfterConnecting() {
        return self.tryAgain(after: wait)
      }
      let isLate = !self.exchange.isAwaitingHead
      self.fault = isLate ? .broken : fault == .connectTimeout ? .timedOut : .unreachable
      self.end(with: self.exchange.hasBegun ? .truncated(fault.rawValue) : self.error(for: fault))
    }
  }

  /// The upstream has been silent for too long.
  func deadlinePassed() {
    self.fault = .timedOut
    self.end(with: self.exchange.isAwaitingHead ? .firstByteTimeout : .idleTimeout)
  }

  // MARK: - Counting

  /// While the upstream works on its answer, so that nobody waits for it.
  private func beginCount() {
    guard self.count == nil, let countable = self.plan.countable else { return }
    self.plan.countable = nil
    let count = Count(countable.begin(self.worker.counter), owner: self)
    self.count = count
    self.worker.begin(count)
  }

  func countEnded(_ count: Count, _ tokens: TokenCount) {
    self.count = nil
    var text: [UInt8] = []
    swap(&text, &self.uncounted)
    let answer = self.worker.counter.estimate(text, model: self.plan.notes.sentModel ?? "")
    self.obey(
      self.exchange.counted(
        tokens, answer: answer, date: self.worker.date, to: &self.connection.output))
  }

  // MARK: - From the client's side

  /// What was written has left, but for so many bytes.
  func clientTook(left: Int) {
    guard self.isHeld, left <= Patience.resumeBelowBytes else { return }
    self.isHeld = false
    self.wait(seconds: self.worker.snapshot.settings.waits.streamIdleSeconds)
    self.transfer?.resume()
  }

  /// The client has gone: nobody wants the rest, and nobody should pay for it.
  func abandon() {
    self.fault = self.fault ?? .abandoned
    self.stop()
    self.connection.log(self.record(status: 499, error: nil), of: self.request)
  }

  /// The connection will not take another request: the client is told, if there is still time.
  func closeAfterwards() {
    self.exchange.closeAfterwards()
  }

  func cutShort() {
    self.fault = self.fault ?? .abandoned
    self.end(with: .cutShort)
  }

  // MARK: - Inside

  private func upstreamStirred() {
    if self.firstByteMicroseconds == nil { self.firstByteMicroseconds = Clock.monotonicNanoseconds() / 1_000 }
    self.wait(seconds: self.worker.snapshot.settings.waits.streamIdleSeconds)
  }

  private func upstreamAgreed() {
    let upstream = self.worker.upstreams[self.plan.upstream]
    if let remedy = self.remedy, remedy.isLasting {
      upstream.learnDrop(remedy.field, for: self.plan.notes.sentModel ?? "")
    }
    self.remedy = nil
    // It has taken this client's key, and may show its models only to whoever has one.
    guard upstream.wantsClientKey, let key = self.errand.key, upstream.takeKeyWish() else { return }
    self.worker.station.discovery.post(.key(Secret(key), upstream: upstream.key))
  }

  private func wait(seconds: Int) {
    self.worker.wheel.set(self.deadline, at: self.worker.loop.now + UInt64(max(0, seconds)) * 1_000)
  }

  func end(with error: ErrorReply) {
    self.obey(self.exchange.fail(error, date: self.worker.date, to: &self.connection.output))
  }

  private func tryAgain(after milliseconds: Int) {
    self.transfer?.cancel()
    self.transfer = nil
    self.deadline.cancel()
    self.isWaitingForRetry = true
    self.retries += 1
    self.connection.setPulse(at: self.worker.loop.now + UInt64(max(0, milliseconds)))
  }

  /// Only looks at the clock now and then: most streams are never silent for long.
  func pulsePassed() {
    if self.isWaitingForRetry {
      self.isWaitingForRetry = false
      self.ask()
    } else if self.exchange.wantsPulse, !self.isHeld, self.pulseDue <= self.worker.loop.now {
      self.exchange.pulse(date: self.worker.date, to: &self.connection.output)
      self.obey(.goOn)
    }
    if self.exchange.wantsPulse { self.setPulse() }
  }

  private var choices: TranslationChoices { self.worker.snapshot.settings.translation }

  private var pulseDue: UInt64 {
    self.lastSignMilliseconds
      + UInt64(self.exchange.hasBegun ? self.choices.pingSeconds : self.choices.earlyHeadSeconds) * 1_000
  }

  private func setPulse() {
    guard !self.isWaitingForRetry else { return }
    self.connection.setPulse(at: max(self.pulseDue, self.worker.loop.now + 1))
  }

  private func error(for fault: TransferFault) -> ErrorReply {
    fault == .connectTimeout ? .firstByteTimeout : .unreachable(fault.rawValue)
  }

  private func obey(_ step: ExchangeStep) {
    switch step {
    case .goOn:
      guard !self.connection.output.isEmpty else { return }
      self.lastSignMilliseconds = self.worker.loop.now
      self.connection.outputGrew()
      // Pings may be wanted sooner than an early head was.
      if !self.isPulseOfStream, self.exchange.wantsPulse, self.exchange.hasBegun {
        self.isPulseOfStream = true
        self.setPulse()
      }
    case .tryAgain(let milliseconds):
      self.tryAgain(after: milliseconds)
    case .tryInstead(let request):
      self.body = request.body
      self.losses = request.losses
      self.remedy = request.remedy
      self.tryAgain(after: 0)
    case .count(let answer):
      self.uncounted = answer
      // What the upstream may still say has no weight any more.
      self.deadline.cancel()
      if self.fault != nil {
        self.transfer?.cancel()
        self.transfer = nil
      }
      self.obey(.goOn)
      self.beginCount()
    case .complete:
      if let transfer = self.transfer, self.exchange.failure == nil {
        self.transfer = nil
        self.worker.awaitEnd(of: transfer)
      }
      self.finish(self.exchange.keepsAlive ? .nextRequest : .close)
    case .breakOff:
      self.finish(self.exchange.failure != nil && self.request.reply.minorVersion == 0 ? .reset : .close)
    }
  }

  private func finish(_ then: Connection.Then) {
    self.stop()
    self.worker.station.state.rememberToolStates(
      self.exchange.toolStates, client: self.errand.mark,
      upstream: self.worker.upstreams[self.plan.upstream].key)
    self.connection.log(
      self.record(status: self.exchange.sentStatus ?? 0, error: self.exchange.failure), of: self.request)
    self.connection.requestEnded(then)
  }

  private func stop() {
    self.deadline.cancel()
    self.connection.pulse?.cancel()
    if let count = self.count { self.worker.cancel(count) }
    self.count = nil
    self.transfer?.cancel()
    self.transfer = nil
    self.ledger.end(self.fault, now: self.worker.loop.now)
  }

  private func record(status: Int, error: ErrorReply?) -> AccessRecord {
    var record = AccessRecord(
      self.request, self.connection.client(of: self.request), status: status, error: error)
    record.upstream = self.plan.upstream
    record.requestBytes = self.requestBytes
    record.replyBytes = self.exchange.relayedBytes
    record.firstByteMicroseconds = self.firstByteMicroseconds
    record.outcome = self.ledger.outcome
    record.isStream = self.isStream
    record.retries = self.retries
    record.model = self.plan.notes.askedModel
    record.tokens = TokenCounts(self.exchange.usage)
    record.losses = self.losses.isEmpty ? [] : self.losses.inOrder.map(\.action)
    return record
  }
}
