internal import Dialogue
internal import Gateway
internal import Platform
internal import Settings
internal import Wire

/// From bytes to requests, and from requests to whoever answers them.
extension Connection {
  /// Goes on with what has been read.
  func advance() {
    while true {
      switch self.phase {
      case .head:
        guard self.advanceHead() else { return }
      case .body(let request, var body):
        // Taken out while it changes, so that the body is not copied.
        self.phase = .head
        let progress = body.advance(&self.input, into: &self.body)
        guard self.bodyAdvanced(progress, request, body) else { return }
      case .waiting, .counting, .relaying, .awaitingReload, .flushing, .lingering, .closed:
        return
      }
    }
  }

  /// A slot is free for the request that waited.
  func turnCame() {
    guard case .waiting(let request) = self.phase else { return }
    self.clearDeadline()
    self.holdSlot()
    self.start(request)
    self.advance()
    self.updateInterest()
  }

  func reloadEnded(_ report: ReloadReport) {
    guard case .awaitingReload(let request) = self.phase else { return }
    var fields = HeaderFields()
    fields.append(name: "content-type", value: "application/json")
    let bytes = request.reply.write(
      status: report.status, fields: fields, body: report.body, date: self.worker.date, to: &self.output)
    self.finish(request, status: report.status, bytes: bytes)
  }

  /// This worker takes no more requests.
  func workerRetires() {
    if self.isIdle { return self.worker.connectionIsIdle(self) }
    if case .relaying(let relay) = self.phase, self.worker.isDraining { relay.closeAfterwards() }
  }

  /// The daemon has to end now: what is open gets its protocol's error, what has not begun is just closed.
  func cutShort() {
    switch self.phase {
    case .relaying(let relay): relay.cutShort()
    case .counting(let plan): self.refuse(plan, .cutShort)
    case .flushing: break
    case .lingering, .head, .waiting, .body, .awaitingReload, .closed: self.close()
    }
  }

  // MARK: - Heads

  /// Whether there is more to do at once.
  private func advanceHead() -> Bool {
    if self.proxyHeader != nil, !self.advanceProxyHeader() { return false }
    switch self.parser.advance(&self.input) {
    case .needsMore:
      if self.parser.isInRequest { self.headBegan() }
      return false
    case .refused(let fault):
      self.refuse(.malformed(fault))
      return false
    case .head(let head):
      self.headCame(head)
      return true
    }
  }

  private func headCame(_ head: consuming RequestHead) {
    let keepsAlive =
      head.keepsAlive && !self.worker.isDraining && !self.worker.snapshot.settings.workers.closesAfterReply
    let match = RoutingTable.match(method: head.method, path: head.path, on: self.role)
    let speaks = RoutingTable.clientProtocol(of: head)
    let route: Route?
    var verdict: Verdict
    switch match {
    case .found(let found):
      route = found
      verdict = self.worker.gatekeeper.judge(
        head, route: found, on: self.role, isDraining: self.worker.isDraining)
    case .wrongMethod(_, let allowed) where head.method == "OPTIONS":
      let method = String(allowed.prefix { $0 != "," })
      route = RoutingTable.match(method: method, path: head.path, on: self.role).route
      verdict = .preflight(allowed: allowed)
    case .wrongMethod(_, let allowed):
      route = nil
      verdict = .refuse(.wrongMethod(allowed: allowed))
    case .nothing:
      route = nil
      let fault = DebugFault.asked(by: head, on: self.role, self.worker.snapshot.settings)
      verdict = fault.map { .misbehave($0) } ?? .refuse(.notFound)
    }
    if self.scheme(of: head) == .disagreeing { verdict = .refuse(.disagreeingSchemes) }
    let reply = Caller(
      speaks: speaks, requestName: self.worker.nextRequestName(), minorVersion: head.minorVersion,
      isHead: head.method == "HEAD", keepsAlive: keepsAlive,
      crossOrigin: self.worker.crossOrigin.fields(head.fields, for: route))
    let request = IncomingRequest(
      head: head, route: route, verdict: verdict, reply: reply,
      startedMicroseconds: Clock.monotonicNanoseconds() / 1_000)
    self.clearDeadline()
    self.worker.leftDoor(self)
    self.worker.requestBegan()
    if !self.needsSlot(verdict) {
      self.start(request)
    } else if self.worker.admit(self) {
      self.holdSlot()
      self.start(request)
    } else {
      self.phase = .waiting(request)
      self.updateInterest()
    }
  }

  /// A refusal keeps nobody busy, and an administrator is always heard. A page waits its turn where gunicorn's would.
  private func needsSlot(_ verdict: Verdict) -> Bool {
    switch verdict {
    case .relay: true
    case .report, .show: self.role != .admin && self.worker.snapshot.settings.workers.workerClass != .async
    case .reload, .preflight, .misbehave, .refuse: false
    }
  }

  private func start(_ request: IncomingRequest) {
    let limit = self.worker.snapshot.settings.limits.bodyBytes
    if case .refuse(let error) = request.verdict { return self.refuseUnread(error, request, limit) }
    var body: RequestBody
    do throws(ErrorReply) {
      body = try RequestBody(request.head.framing, described: request.head.fields, limit: limit)
    } catch {
      return self.refuseUnread(error, request, limit)
    }
    if request.head.expectsContinue, self.input.isEmpty {
      ResponseWriter.continue100(to: &self.output)
      self.outputGrew()
    }
    self.body = []
    self.phase = .head
    // Most bodies came together with their head.
    let progress = body.advance(&self.input, into: &self.body)
    _ = self.bodyAdvanced(progress, request, body)
  }

  /// Answered before its body is read. The connection lives on only if the body is here already.
  private func refuseUnread(_ error: ErrorReply, _ request: IncomingRequest, _ limit: Int) {
    var decoder = BodyDecoder(framing: request.head.framing, limit: limit)
    var unread: [UInt8] = []
    let isWhole = decoder.advance(&self.input, into: &unread) == .complete
    self.refuse(error, request, closing: !isWhole)
  }

  // MARK: - Bodies

  private func bodyAdvanced(
    _ progress: RequestBody.Progress, _ request: IncomingRequest, _ body: RequestBody
  ) -> Bool {
    switch progress {
    case .needsMore:
      self.phase = .body(request, body)
      self.setDeadline(seconds: self.worker.snapshot.settings.limits.clientBodySeconds)
      return false
    case .paused:
      self.phase = .body(request, body)
      self.setDeadline(seconds: self.worker.snapshot.settings.limits.clientBodySeconds)
      self.decodeLater()
      return false
    case .refused(let error):
      self.refuse(error, request)
      return false
    case .complete:
      self.clearDeadline()
      self.answer(request)
      return true
    }
  }

  private func answer(_ request: IncomingRequest) {
    switch request.verdict {
    case .relay(let errand):
      self.plan(request, errand)
    case .report(let page, let inside):
      self.report(page, inside: inside, request)
    case .show(let page):
      self.show(page, request)
    case .reload:
      self.phase = .awaitingReload(request)
      self.setDeadline(seconds: Patience.reloadSeconds)
      self.worker.station.tell(.reloadWanted(worker: self.worker.handle.name, connection: self.serial))
      self.updateInterest()
    case .preflight(let allowed):
      let fields = self.worker.crossOrigin.preflight(
        request.head.fields, allowed: allowed, for: request.route)
      request.reply.write(
        status: 204, fields: fields, body: [], date: self.worker.date, to: &self.output)
      self.finish(request, status: 204)
    case .misbehave(let fault):
      request.reply.write(
        status: 202, fields: HeaderFields(), body: [], date: self.worker.date, to: &self.output)
      self.finish(request, status: 202)
      self.worker.misbehaveSoon(fault)
    case .refuse(let error):
      self.refuse(error, request, closing: false)
    }
  }

  // MARK: - Ends

  /// In class `sync`, where a worker that is busy for too long counts as silent.
  func requestTookTooLong() {
    let name = self.worker.handle.name
    self.worker.log.critical("WORKER TIMEOUT (worker:\(name)): its request is ended", id: .workerTimeout)
    switch self.phase {
    case .relaying(let relay): relay.end(with: .tookTooLong)
    case .counting(let plan): self.refuse(plan, .tookTooLong)
    case .body(let request, _): self.refuse(.tookTooLong, request)
    case .head, .waiting, .awaitingReload, .flushing, .lingering, .closed: self.close()
    }
  }

  /// An error for a request whose head came.
  func refuse(_ error: ErrorReply, _ request: IncomingRequest, closing: Bool = true) {
    let context = closing ? request.reply.closing : request.reply
    var record = AccessRecord(request, self.client(of: request), status: error.status, error: error)
    record.replyBytes = context.write(error, date: self.worker.date, to: &self.output)
    self.log(record, of: request)
    self.requestEnded(context.keepsAlive ? .nextRequest : .close)
  }

  /// An error for what is no request yet.
  func refuse(_ error: ErrorReply) {
    let context = Caller(
      speaks: .openAI, requestName: self.worker.nextRequestName(), minorVersion: 1, isHead: false,
      keepsAlive: false)
    self.worker.leftDoor(self)
    var record = AccessRecord(context.requestName, self.peerHost, error: error)
    record.replyBytes = context.write(error, date: self.worker.date, to: &self.output)
    self.log(record, of: nil)
    self.requestEnded(.close)
  }

  func finish(_ request: IncomingRequest, status: Int, bytes: Int = 0) {
    var record = AccessRecord(request, self.client(of: request), status: status, error: nil)
    record.replyBytes = bytes
    self.log(record, of: request)
    self.requestEnded(request.reply.keepsAlive ? .nextRequest : .close)
  }

  /// The reply is written as far as it will ever be.
  func requestEnded(_ then: Then) {
    self.clearDeadline()
    self.releaseSlot()
    self.phase = .flushing(then)
    self.outputGrew()
    self.updateInterest()
  }
}
