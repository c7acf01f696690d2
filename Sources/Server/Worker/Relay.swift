internal import Gateway
internal import Platform
internal import Settings
internal import Upstream
internal import Wire

/// One request on its way through an upstream: brings the pure `Exchange` together with a transfer, a client and the clock.
final class Relay: TransferOwner, DeadlineHandler {
  private let request: IncomingRequest
  private let plan: RequestPlan
  /// Lives as long as this is its phase.
  private unowned let connection: Connection
  private let worker: Worker
  private var exchange: Exchange
  private var transfer: Transfer?
  private lazy var deadline = Deadline(self)
  private var isHeld = false
  private var requestBytes = 0
  private var firstByteMicroseconds: UInt64?

  init(_ request: IncomingRequest, _ plan: RequestPlan, _ connection: Connection) {
    self.request = request
    self.plan = plan
    self.connection = connection
    self.worker = connection.worker
    self.exchange = Exchange(for: request.reply)
  }

  func start(_ body: [UInt8]) {
    self.requestBytes = body.count
    let settings = self.worker.snapshot.settings
    let order = TransferOrder(
      method: .post, url: self.plan.url, headerLines: self.plan.headerLines, body: body,
      connection: self.worker.connection(to: self.plan.upstream))
    self.wait(seconds: settings.waits.firstByteSeconds)
    self.transfer = self.worker.transfers.start(order, owner: self)
    if self.transfer == nil { self.end(with: .unreachable("the request could not be sent")) }
  }

  // MARK: - From the upstream

  func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead) {
    self.upstreamStirred()
    self.obey(self.exchange.headArrived(head, date: self.worker.date, to: &self.connection.output))
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

  func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome) {
    self.transfer = nil
    switch outcome {
    case .complete:
      self.obey(self.exchange.upstreamFinished(date: self.worker.date, to: &self.connection.output))
    case .failed(let fault):
      self.end(with: self.exchange.hasBegun ? .truncated(fault.rawValue) : self.error(for: fault))
    }
  }

  func deadlinePassed(_ deadline: Deadline) {
    self.end(with: self.exchange.isAwaitingHead ? .firstByteTimeout : .idleTimeout)
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
    self.stop()
    self.worker.logAccess(self.record(status: 499, error: nil))
  }

  /// The connection will not take another request: the client is told, if there is still time.
  func closeAfterwards() {
    self.exchange.closeAfterwards()
  }

  func cutShort() {
    self.end(with: .cutShort)
  }

  // MARK: - Inside

  private func upstreamStirred() {
    if self.firstByteMicroseconds == nil { self.firstByteMicroseconds = Clock.monotonicNanoseconds() / 1_000 }
    self.wait(seconds: self.worker.snapshot.settings.waits.streamIdleSeconds)
  }

  private func wait(seconds: Int) {
    self.worker.wheel.set(self.deadline, at: self.worker.loop.now + UInt64(max(0, seconds)) * 1_000)
  }

  private func end(with error: ErrorReply) {
    self.obey(self.exchange.fail(error, date: self.worker.date, to: &self.connection.output))
  }

  private func error(for fault: TransferFault) -> ErrorReply {
    fault == .connectTimeout ? .firstByteTimeout : .unreachable(fault.rawValue)
  }

  private func obey(_ step: ExchangeStep) {
    switch step {
    case .goOn:
      if !self.connection.output.isEmpty { self.connection.outputGrew() }
    case .complete:
      self.finish(self.exchange.keepsAlive ? .nextRequest : .close)
    case .breakOff:
      self.finish(self.exchange.failure != nil && self.request.reply.minorVersion == 0 ? .reset : .close)
    }
  }

  private func finish(_ then: Connection.Then) {
    self.stop()
    self.worker.logAccess(
      self.record(status: self.exchange.sentStatus ?? 0, error: self.exchange.failure))
    self.connection.requestEnded(then)
  }

  private func stop() {
    self.worker.wheel.remove(self.deadline)
    self.transfer?.cancel()
    self.transfer = nil
  }

  private func record(status: Int, error: ErrorReply?) -> AccessRecord {
    var record = AccessRecord(self.request, self.connection.peer, status: status, error: error)
    record.upstream = self.plan.upstream
    record.requestBytes = self.requestBytes
    record.replyBytes = self.exchange.relayedBytes
    record.firstByteMicroseconds = self.firstByteMicroseconds
    return record
  }
}
