internal import Gateway
internal import Platform
internal import Settings
internal import Wire

/// One client's connection: bytes in, requests one after the other, replies out.
///
///     head -> (waiting) -> body -> (counting) -> answering -> head ...
///                                                    \-> flushing -> lingering -> closed
///
/// A request is looked at only when the reply before it has left, so a client that does not read is not read from either.
final class Connection: EventHandler, DeadlineHandler {
  enum Phase {
    /// Between requests, or in a head.
    case head
    /// A whole head waits for its turn; its body is unread.
    case waiting(IncomingRequest)
    case body(IncomingRequest, RequestBody)
    /// What becomes of it depends on its number of tokens.
    case counting(PendingPlan)
    case relaying(Relay)
    case awaitingReload(IncomingRequest)
    /// The reply is written; when it is out, this follows.
    case flushing(Then)
    /// Our side is closed: what the client still sends is thrown away, so that no reset eats the reply.
    case lingering(until: UInt64)
    case closed
  }

  /// What follows when the output is empty.
  enum Then {
    case nextRequest
    case close
    /// A reset, because a close would look like a proper end of the reply.
    case reset
  }

  let serial: UInt64
  /// Until it is closed; both know each other as long as it is open.
  let worker: Worker
  let role: ListenerRole
  /// Who is at the other end, or whom a proxy named in its PROXY header.
  private(set) var peer: SocketAddress
  /// Its address as each request's log line has it.
  private(set) lazy var peerHost = self.peer.host
  private let socket: StreamSocket
  private var token: EventLoop.Token?
  private lazy var deadline = Deadline(self)
  private var isInFlushList = false
  private var wasUsed: Bool
  private var hasHeadBegun = false
  private var holdsSlot = false
  /// For a request that may not take longer than that, whatever it does.
  private var requestLimit: Deadline?
  /// Its relays', one after the other: until when an upstream has to stir.
  private(set) lazy var upstreamDeadline = Deadline(self)
  /// When a request goes out again, or a waiting client hears something; made when the first one is wanted.
  private(set) var pulse: Deadline?
  /// Its place among those without a complete head; 0: none.
  var doorTicket: UInt64 = 0
  /// The client takes no more for now.
  private var isStuck = false
  /// More of a compressed body is here than is decoded in one turn.
  private var isDecoding = false
  /// What is watched for beside room to write. Changed only when something comes that is not wanted now: most clients send
  /// nothing while they wait, and each change is a system call.
  private var watched = Interest.readAndHangUp

  var input = ByteQueue()
  var output = ByteQueue()
  var parser: RequestParser
  /// What has to come before the first request.
  var proxyHeader: ProxyHeader?
  var body: [UInt8] = []
  var phase = Phase.head
  /// What the reply's head said, where the access log wants to know.
  var replyFields: HeaderFields?

  init(_ socket: ClientSocket, serial: UInt64, worker: Worker) {
    self.socket = StreamSocket(socket.descriptor)
    self.role = socket.role
    self.peer = socket.peer
    self.wasUsed = socket.wasUsed
    self.serial = serial
    self.worker = worker
    self.parser = RequestParser(limits: RequestLimits(worker.snapshot.settings.limits))
    if socket.role != .admin, !socket.wasUsed {
      self.proxyHeader = ProxyHeader.expected(worker.snapshot.settings.proxies)
    }
  }

  /// Whether its PROXY header may be believed; unix sockets' always.
  var peerMayProxy: Bool {
    guard self.peer.isInternet else { return true }
    return IPAddress(self.peerHost).map(self.worker.snapshot.settings.proxies.headerFrom.holds) ?? false
  }

  func speaksFor(_ address: ProxiedAddress) -> Bool {
    guard let peer = SocketAddress(host: address.host, port: address.port) else { return false }
    self.peer = peer
    self.peerHost = peer.host
    return true
  }

  // MARK: - For the worker

  func begin() {
    if self.peer.isInternet { self.socket.sendSmallWritesAtOnce() }
    guard let token = try? self.worker.loop.watch(self.socket.descriptor.raw, for: self.watched, self) else {
      return self.close()
    }
    self.token = token
    self.setHeadDeadline()
    self.worker.cameToDoor(self)
    // A connection that was handed over may have its next request waiting in the socket; epoll says so at once.
    if self.worker.isRetiring, self.isIdle { self.worker.connectionIsIdle(self) }
  }

  /// Nothing of a request has come, and nothing of a reply is still to go.
  var isIdle: Bool {
    guard case .head = self.phase else { return false }
    return self.input.isEmpty && self.output.isEmpty && !self.parser.isInRequest
  }

  /// No request has come yet.
  var isNew: Bool { !self.wasUsed }

  /// Accepted just before the end was known: its request is on the way, and closing now would lose it.
  func awaitFirstRequestBriefly() {
    self.worker.wheel.set(self.deadline, at: self.worker.loop.now + Patience.firstRequestMilliseconds)
  }

  var isWaiting: Bool {
    if case .waiting = self.phase { true } else { false }
  }

  /// Gives the socket up for another worker to have.
  func letGo() -> ClientSocket? {
    guard self.isIdle, let token = self.token else { return nil }
    self.worker.leftDoor(self)
    self.worker.loop.forget(token)
    self.token = nil
    self.forgetDeadlines()
    self.phase = .closed
    // A PROXY header that has been read is not expected again.
    let wasNamed = self.proxyHeader == nil && self.worker.snapshot.settings.proxies.header != .off
    return ClientSocket(
      descriptor: self.socket.descriptor, role: self.role, peer: self.peer, wasUsed: self.wasUsed || wasNamed)
  }

  func close() {
    if case .closed = self.phase { return }
    if case .relaying(let relay) = self.phase { relay.abandon() }
    if case .counting(let plan) = self.phase { self.abandon(plan) }
    if self.isWaiting { self.worker.waiterLeft() }
    self.worker.leftDoor(self)
    self.phase = .closed
    self.forgetDeadlines()
    if let token = self.token { self.worker.loop.forget(token) }
    self.token = nil
    self.releaseSlot()
    self.worker.forget(self)
  }

  /// Its reply may take hours.
  func settle() {
    if self.input.isEmpty { self.input.removeAll() }
  }

  /// Counts its request among those in flight from now on.
  func holdSlot() {
    self.holdsSlot = true
    guard let seconds = self.worker.snapshot.settings.workers.requestSeconds else { return }
    let limit = Deadline(self)
    self.requestLimit = limit
    self.worker.wheel.set(limit, at: self.worker.loop.now + UInt64(seconds) * 1_000)
  }

  func releaseSlot() {
    guard self.holdsSlot else { return }
    self.holdsSlot = false
    if let limit = self.requestLimit { self.worker.wheel.remove(limit) }
    self.requestLimit = nil
    self.worker.requestLeft()
  }

  // MARK: - Events

  func descriptorReady(_ readiness: Readiness) {
    if readiness.contains(.failed) { return self.close() }
    if readiness.contains(.write) { self.flush() }
    switch self.phase {
    case .head, .lingering:
      if !readiness.isDisjoint(with: .incoming) { self.receive() }
    case .body where !self.isDecoding:
      if !readiness.isDisjoint(with: .incoming) { self.receive() }
    case .body, .waiting, .counting, .relaying, .awaitingReload:
      // While its reply is awaited, a client that closes has gone (RFC 9112 9.6 lets it; nobody would read the reply).
      if !readiness.isDisjoint(with: .ended) { return self.close() }
      // A client that sends ahead is not read from until its turn has come.
      if readiness.contains(.read) { self.stopWatching(.read) }
    case .flushing:
      if readiness.contains(.hungUp) { return self.close() }
      if !readiness.isDisjoint(with: .readOrPeerClosed) { self.stopWatching(.readAndHangUp) }
    case .closed:
      break
    }
  }

  func deadlinePassed(_ deadline: Deadline) {
    if deadline === self.requestLimit { return self.requestTookTooLong() }
    if deadline !== self.deadline {
      guard case .relaying(let relay) = self.phase else { return }
      return deadline === self.pulse ? relay.pulsePassed() : relay.deadlinePassed()
    }
    switch self.phase {
    case .head:
      if self.parser.isInRequest || !self.input.isEmpty {
        self.refuse(ErrorReply(status: 408, message: "The request's head did not arrive in time."))
      } else {
        self.close()
      }
    case .body(let request, _):
      self.refuse(ErrorReply(status: 408, message: "The request's body did not arrive in time."), request)
    case .awaitingReload:
      self.reloadEnded(
        ReloadReport(succeeded: false, lines: ["the new workers have not started yet; the journal says more"])
      )
    case .relaying, .waiting, .counting, .flushing, .lingering:
      // Only a client that takes nothing any more sets a deadline here.
      self.close()
    case .closed:
      break
    }
  }

  /// The rest of what is here waits for the loop's next turn.
  func decodeLater() {
    self.isDecoding = true
    self.worker.goOnLater(self)
  }

  func goOn() {
    self.isDecoding = false
    guard case .body = self.phase else { return }
    self.advance()
    self.updateInterest()
  }

  private func receive() {
    for _ in 0..<Patience.readsPerTurn {
      switch self.socket.receive(into: self.worker.room) {
      case .moved:
        if case .lingering(let until) = self.phase {
          self.worker.wheel.set(
            self.deadline, at: min(until, self.worker.loop.now + Patience.lingerMilliseconds))
          continue
        }
        self.worker.room.take { self.input.append($0) }
        self.advance()
        guard self.wantsInput else { return }
      case .wouldBlock:
        return
      case .ended, .failed:
        return self.close()
      }
    }
  }

  // MARK: - Output

  /// Something was written: it leaves at the end of the turn, in one piece.
  func outputGrew() {
    guard !self.isInFlushList else { return }
    self.isInFlushList = true
    self.worker.flushLater(self)
  }

  func flush() {
    self.isInFlushList = false
    // It may have been closed since it was put on the list.
    guard self.token != nil else { return }
    self.noteReplyFields()
    var hasMoved = false
    while !self.output.isEmpty {
      switch self.socket.send(from: self.output) {
      case .moved(let count):
        self.output.consume(count)
        hasMoved = true
      case .wouldBlock:
        return self.outputIsStuck(hasMoved: hasMoved)
      case .ended, .failed:
        return self.close()
      }
    }
    self.outputLeft()
  }

  /// The client takes no more for now. How long that may last counts from the last time it took something.
  private func outputIsStuck(hasMoved: Bool) {
    self.isStuck = true
    if hasMoved || self.deadline.moment == Deadline.never {
      self.setDeadline(seconds: self.worker.snapshot.settings.waits.streamIdleSeconds)
    }
    if case .relaying(let relay) = self.phase { relay.clientTook(left: self.output.count) }
    self.updateInterest()
  }

  private func outputLeft() {
    self.isStuck = false
    switch self.phase {
    case .flushing(.nextRequest): self.nextRequest()
    case .flushing(.close): self.linger()
    case .flushing(.reset):
      self.socket.resetOnClose()
      self.close()
    case .relaying(let relay):
      self.deadline.cancel()
      relay.clientTook(left: 0)
      self.updateInterest()
    case .head, .waiting, .body, .counting, .awaitingReload, .lingering, .closed:
      self.updateInterest()
    }
  }

  private func linger() {
    self.phase = .lingering(until: self.worker.loop.now + Patience.longestLingerMilliseconds)
    self.socket.finishSending()
    if self.worker.isCut { return self.close() }
    self.worker.wheel.set(self.deadline, at: self.worker.loop.now + Patience.lingerMilliseconds)
    self.updateInterest()
  }

  private func nextRequest() {
    self.phase = .head
    self.wasUsed = true
    self.body = []
    self.replyFields = nil
    self.setHeadDeadline()
    // A pipelined request may be here already.
    if !self.input.isEmpty { self.advance() }
    if case .head = self.phase { self.worker.cameToDoor(self) }
    if self.isIdle, self.worker.isRetiring { return self.worker.connectionIsIdle(self) }
    self.updateInterest()
  }

  // MARK: - Interest and time

  private var wantsInput: Bool {
    switch self.phase {
    case .head, .lingering: true
    case .body: !self.isDecoding
    case .waiting, .counting, .relaying, .awaitingReload, .flushing, .closed: false
    }
  }

  func updateInterest() {
    guard let token = self.token else { return }
    if self.wantsInput { self.watched = .readAndHangUp }
    self.worker.loop.change(token, to: self.isStuck ? self.watched.union(.write) : self.watched)
  }

  private func stopWatching(_ unwanted: Interest) {
    self.watched.subtract(unwanted)
    self.updateInterest()
  }

  func setDeadline(seconds: Int) {
    self.worker.wheel.set(self.deadline, at: self.worker.loop.now + UInt64(max(0, seconds)) * 1_000)
  }

  func clearDeadline() { self.deadline.cancel() }

  func setPulse(at moment: UInt64) {
    let pulse = self.pulse ?? Deadline(self)
    self.pulse = pulse
    self.worker.wheel.set(pulse, at: moment)
  }

  private func forgetDeadlines() {
    self.worker.wheel.remove(self.deadline)
    self.worker.wheel.remove(self.upstreamDeadline)
    if let pulse = self.pulse { self.worker.wheel.remove(pulse) }
  }

  /// The first byte of a request is here; a new connection's time runs from its beginning.
  func headBegan() {
    guard !self.hasHeadBegun else { return }
    self.hasHeadBegun = true
    if self.wasUsed { self.setDeadline(seconds: self.worker.snapshot.settings.limits.clientHeadSeconds) }
  }

  private func setHeadDeadline() {
    self.hasHeadBegun = false
    let settings = self.worker.snapshot.settings
    self.setDeadline(
      seconds: self.wasUsed ? settings.workers.keepAliveSeconds : settings.limits.clientHeadSeconds)
  }
}
