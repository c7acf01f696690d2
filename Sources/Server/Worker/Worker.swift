internal import Dialogue
internal import Gateway
internal import Platform
internal import Pool
internal import Settings
internal import Tokens
internal import Upstream
internal import Wire

/// One thread's world: its loop, its clients, its upstream transfers. Nothing in it is shared or locked.
final class Worker: EventHandler, DeadlineHandler {
  let handle: WorkerHandle
  let snapshot: Snapshot
  let gatekeeper: Gatekeeper
  let planner: Planner
  let crossOrigin: CrossOrigin
  let upstreams: UpstreamStates
  let station: WorkerStation
  let loop: EventLoop
  let wheel: TimerWheel
  let transfers: TransferSet
  let room: ReadRoom
  let counter: TokenCounter
  let log: Logger
  let accessLog: AccessLogSettings
  let asksForReplyFields: Bool

  private var connections: [UInt64: Connection] = [:]
  private var nextSerial: UInt64 = 1
  private var unflushed: [Connection] = []
  private var counts = CountQueue()
  /// With work that is done a slice a turn.
  private var unfinished: [Connection] = []
  private var turnstile: Turnstile
  var doorstep = Doorstep()
  var nextDoorWarning: UInt64 = 0
  /// How many more requests it may begin; nil: any number.
  private var requestsLeft: Int?
  private var names: RequestNames
  /// Makes the ids of this worker's answers unlike all others.
  private let seed = (Resources.randomBits(), Resources.randomBits())
  private var answers: UInt64 = 0
  private var leftovers: [ObjectIdentifier: Leftover] = [:]
  private lazy var upstreamConnection = UpstreamConnection(self.snapshot.settings.upstream)
  private var dateSecond = 0
  private var dateText = ""

  private enum Stage {
    case serving
    case retiring(handingOver: Bool)
  }
  private var stage = Stage.serving
  /// What is open has been told that it ends; nobody waits for clients any more.
  private(set) var isCut = false
  private lazy var cutEnd = Deadline(self)
  private var turns = TurnWatch()
  private var hasBeaten = false

  init?(_ handle: WorkerHandle, _ station: WorkerStation) {
    let room = ReadRoom()
    guard let loop = try? EventLoop(), let transfers = TransferSet(loop: loop, room: room) else {
      return nil
    }
    self.room = room
    self.handle = handle
    self.snapshot = handle.snapshot
    self.gatekeeper = Gatekeeper(handle.snapshot)
    self.planner = Planner(handle.snapshot, userAgent: "claude-proxy/\(version)")
    self.crossOrigin = CrossOrigin(handle.snapshot.settings)
    self.upstreams = UpstreamStates(station.state, handle.snapshot.settings.plan)
    self.counter = TokenCounter(handle.vocabularies, handle.snapshot.settings)
    self.accessLog = handle.snapshot.settings.accessLog
    self.asksForReplyFields = self.accessLog.format?.asksForReplyFields ?? false
    self.station = station
    self.loop = loop
    self.wheel = TimerWheel(now: loop.now)
    self.transfers = transfers
    self.turnstile = Turnstile(capacity: handle.snapshot.settings.workers.capacity)
    self.requestsLeft = Self.share(handle.snapshot.settings.workers)
    self.names = RequestNames(salt: Resources.randomBits())
    self.log = station.log.with(["WORKER": .integer(handle.name.age)])
  }

  /// Works until it has retired and nothing is open any more, or it was given up.
  func run() {
    guard let token = try? self.loop.watch(self.handle.wakeup.descriptor.raw, for: .read, self) else {
      return
    }
    defer { self.loop.forget(token) }
    while !self.hasEnded {
      self.loop.turn(waitingAtMost: self.patience)
      self.handle.beat(now: self.loop.now)
      if !self.hasBeaten {
        self.hasBeaten = true
        self.station.tell(.firstBeat(self.handle.name))
      }
      self.wheel.fire(now: self.loop.now)
      self.transfers.timePassed(now: self.loop.now)
      self.goOn()
      self.finishTurn()
      if !self.counts.isEmpty { self.countOn() }
      self.turns.ended(at: Clock.monotonicMilliseconds(), begun: self.loop.now, self.log)
    }
    for connection in self.connections.values { connection.close() }
    (self.unflushed, self.unfinished) = ([], [])
    // What was given to this worker too late is somebody else's now.
    for case .connection(let socket) in self.handle.closeInbox() { self.station.handOver(socket) }
  }

  // MARK: - For connections

  var isDraining: Bool {
    if case .retiring(handingOver: false) = self.stage { return true }
    return self.station.lifecycle.isStopping
  }

  var isRetiring: Bool {
    if case .retiring = self.stage { true } else { false }
  }

  /// The text of a `Date` field, made once a second.
  var date: String {
    let second = Clock.wallSeconds()
    if second != self.dateSecond {
      self.dateSecond = second
      self.dateText = HTTPDate.text(unixSeconds: second)
    }
    return self.dateText
  }

  /// How to reach an upstream; the same for all requests to it.
  func connection(to upstream: UpstreamName) -> UpstreamConnection {
    guard upstream == .demo else { return self.upstreamConnection }
    var connection = UpstreamConnection()
    connection.abstractSocket = self.station.demoSocket
    connection.proxyURL = ""
    return connection
  }

  func nextRequestName() -> String {
    let name = self.names.next()
    self.turns.lastRequest = name
    return name
  }

  /// What a translation needs from outside.
  func surroundings(of request: String) -> Surroundings {
    _ = self.date
    self.answers &+= 1
    var surroundings = Surroundings.seeded(self.seed, answer: self.answers, now: self.dateSecond)
    surroundings.requestID = request
    return surroundings
  }

  /// What is known of the upstream a request goes to.
  func facts(for errand: Errand) -> UpstreamFacts {
    let upstream = self.upstreams[errand.upstream.name]
    var facts = UpstreamFacts()
    facts.models = upstream.models
    facts.drops = upstream.learnedDrops
    if errand.client == .chat, errand.dialect == .messages {
      facts.userID = upstream.userID(now: self.loop.now, wallSeconds: Clock.wallSeconds()) {
        Resources.randomBits()
      }
    }
    return facts
  }

  /// What the upstream wants back with a call of an earlier turn.
  func remembered(call: String, _ errand: Errand) -> [UInt8]? {
    self.station.state.toolState(
      client: errand.mark, upstream: self.upstreams[errand.upstream.name].key, call: call)
  }

  /// The client has its reply; the upstream may still end its own, so that its connection can be used again.
  func awaitEnd(of transfer: Transfer) {
    let leftover = Leftover(transfer, self)
    self.leftovers[ObjectIdentifier(leftover)] = leftover
    leftover.begin()
  }

  func forget(_ leftover: Leftover) {
    self.leftovers[ObjectIdentifier(leftover)] = nil
  }

  /// Counts in this and the next turns; its owner hears of the end.
  func begin(_ count: Count) { self.counts.add(count) }

  func cancel(_ count: Count) { self.counts.remove(count) }

  func flushLater(_ connection: Connection) {
    self.unflushed.append(connection)
  }

  func goOnLater(_ connection: Connection) {
    self.unfinished.append(connection)
  }

  /// Whether a request may begin now; if not, the connection is called when it may.
  func admit(_ connection: Connection) -> Bool { self.turnstile.enter(connection.serial) }

  func requestLeft() { self.turnstile.leave() }

  /// Every request counts, also one that is refused.
  func requestBegan() {
    guard let left = self.requestsLeft, left > 0 else { return }
    self.requestsLeft = left - 1
    if left == 1 { self.station.tell(.spent(self.handle.name)) }
  }

  /// `GUNICORN_MAX_REQUESTS` and what chance adds, both ends included as in gunicorn.
  private static func share(_ settings: WorkerSettings) -> Int? {
    guard settings.mostRequests > 0 else { return nil }
    let more = Resources.randomBits() % UInt64(settings.mostRequestsJitter + 1)
    return settings.mostRequests + Int(clamping: more)
  }

  func isAtDoor(_ serial: UInt64, _ ticket: UInt64) -> Bool { self.connections[serial]?.doorTicket == ticket }

  func closeConnection(_ serial: UInt64) { self.connections[serial]?.close() }

  func waiterLeft() { self.turnstile.waiterLeft() }

  /// A connection that waits for its next request has no business with a retiring worker.
  func connectionIsIdle(_ connection: Connection) {
    guard case .retiring(let handingOver) = self.stage else { return }
    if handingOver, !self.station.lifecycle.isStopping, let socket = connection.letGo() {
      self.forget(connection)
      self.station.handOver(socket)
    } else if connection.isNew {
      connection.awaitFirstRequestBriefly()
    } else {
      connection.close()
    }
  }

  func forget(_ connection: Connection) {
    guard self.connections.removeValue(forKey: connection.serial) != nil else { return }
    self.handle.connectionEnded()
  }

  /// Clients that did not take their last words in time.
  func deadlinePassed(_ deadline: Deadline) {
    for connection in self.connections.values { connection.close() }
  }

  // MARK: - Inside

  private var hasEnded: Bool {
    if self.handle.isAbandoned { return true }
    guard case .retiring = self.stage else { return false }
    return self.connections.isEmpty
  }

  /// At most a second, so that the beat shows that the loop turns.
  private var patience: Int32 {
    // The first turn is not waited for: readiness depends on it.
    guard self.hasBeaten, self.counts.isEmpty, self.unfinished.isEmpty else { return 0 }
    let now = self.loop.now
    let wheel = self.wheel.millisecondsUntilNext(from: now) ?? 1_000
    let curl = self.transfers.millisecondsUntilDue(from: now) ?? 1_000
    return Int32(clamping: min(wheel, curl, 1_000))
  }

  /// What a client waits for has left before anything is counted.
  private func countOn() {
    let ended = self.counts.advance()
    for (count, tokens) in ended { count.owner?.countEnded(count, tokens) }
    if !ended.isEmpty { self.finishTurn() }
  }

  private func goOn() {
    var batch: [Connection] = []
    swap(&batch, &self.unfinished)
    for connection in batch { connection.goOn() }
  }

  private func nextWaiter() -> Connection? {
    while let serial = self.turnstile.callNext() {
      guard let connection = self.connections[serial], connection.isWaiting else { continue }
      self.turnstile.waiterEntered()
      return connection
    }
    return nil
  }

  /// Lets waiters in and sends what was written. Either may cause more of the other.
  private func finishTurn() {
    repeat {
      while let connection = self.nextWaiter() { connection.turnCame() }
      var batch: [Connection] = []
      swap(&batch, &self.unflushed)
      for connection in batch { connection.flush() }
    } while !self.unflushed.isEmpty
    let wasFull = self.handle.isFull
    let isFull = self.turnstile.waiting > 0
    self.handle.publish(exchanges: self.turnstile.inside, transfers: self.transfers.count, isFull: isFull)
    if wasFull, !isFull { self.station.roomAppeared() }
  }

  /// Something is in the letter box.
  func descriptorReady(_ readiness: Readiness) {
    self.handle.wakeup.hush()
    for message in self.handle.takeMessages() { self.obey(message) }
  }

  private func obey(_ message: WorkerMessage) {
    switch message {
    case .connection(let socket):
      let connection = Connection(socket, serial: self.nextSerial, worker: self)
      self.nextSerial += 1
      self.connections[connection.serial] = connection
      connection.begin()
    case .retire(let handingOver):
      self.stage = .retiring(handingOver: handingOver)
      for connection in self.connections.values { connection.workerRetires() }
      self.station.tell(.handedOver(self.handle.name))
    case .cut:
      self.stage = .retiring(handingOver: false)
      self.isCut = true
      for connection in self.connections.values { connection.cutShort() }
      self.wheel.set(self.cutEnd, at: self.loop.now + Patience.lastWordsMilliseconds)
    case .misbehave(let fault):
      // The order may have been read in the turn it was given in; its answer leaves first.
      self.finishTurn()
      self.misbehave(fault)
    case .reloadEnded(let serial, let report):
      self.connections[serial]?.reloadEnded(report)
    }
  }
}
