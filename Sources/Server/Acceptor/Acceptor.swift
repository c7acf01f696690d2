internal import Gateway
internal import Platform
internal import Pool

/// The one thread that accepts: it gives each connection to the least loaded worker.
///
/// Four threads that accept from one socket get 2000, 0, 0 and 0 of 2000 held connections; so one does it for all.
final class Acceptor: EventHandler, DeadlineHandler {
  /// How many connections one listener may bring in one turn, so that the inbox is read between.
  private static let acceptedPerTurn = 64
  private static let pauseMilliseconds: UInt64 = 100

  private let loop: EventLoop
  private let wheel: TimerWheel
  private let inbox: AcceptorInbox
  private let supervisor: SupervisorInbox
  private let log: Logger
  private var doors: [Door] = []
  private var workers: [WorkerHandle] = []
  private var homeless: [ClientSocket] = []
  private var isPaused = false
  private lazy var pauseEnd = Deadline(self)
  private var hasEnded = false

  init?(_ doorway: Doorway, _ inbox: AcceptorInbox, _ supervisor: SupervisorInbox, _ log: Logger) {
    guard let loop = try? EventLoop() else { return nil }
    self.loop = loop
    self.wheel = TimerWheel(now: loop.now)
    self.inbox = inbox
    self.supervisor = supervisor
    self.log = log
    self.doors = doorway.take().map { Door($0, self) }
  }

  func run() {
    guard let token = try? self.loop.watch(self.inbox.wakeup.descriptor.raw, for: .read, self) else { return }
    defer { self.loop.forget(token) }
    while !self.hasEnded {
      let wait = min(self.wheel.millisecondsUntilNext(from: self.loop.now) ?? 1_000, 1_000)
      self.loop.turn(waitingAtMost: Int32(clamping: wait))
      self.inbox.beat(now: self.loop.now)
      self.wheel.fire(now: self.loop.now)
      self.settle()
    }
    for door in self.doors { door.disarm(self.loop) }
    // Closes what is ours alone, so that new clients are refused; systemd keeps its own.
    self.doors = []
  }

  /// Something is in the letter box.
  func descriptorReady(_ readiness: Readiness) {
    for message in self.inbox.take() {
      switch message {
      case .feed(let workers):
        self.workers = workers
        self.supervisor.post(.fed)
      case .connections(let sockets): self.homeless += sockets
      case .roomAppeared: break
      case .wedge: Misbehaviour.wedge()
      case .end: self.hasEnded = true
      }
    }
  }

  /// Gives out what is waiting, and listens only while somebody can take what comes.
  private func settle() {
    while let socket = self.homeless.last, self.give(socket, evenToFull: true) { self.homeless.removeLast() }
    for door in self.doors {
      if !self.isPaused, self.leastLoaded(evenFull: door.opensToFull) != nil {
        door.arm(self.loop)
      } else {
        door.disarm(self.loop)
      }
    }
  }

  /// False: there is nobody to give it to.
  private func give(_ socket: ClientSocket, evenToFull: Bool) -> Bool {
    while let worker = self.leastLoaded(evenFull: evenToFull) {
      if worker.give(socket) { return true }
      // It has ended, and the news that others are to be fed is on its way.
      self.workers.removeAll { $0 === worker }
    }
    return false
  }

  fileprivate func connectionsWait(at door: Door) {
    for _ in 0..<Self.acceptedPerTurn {
      guard self.leastLoaded(evenFull: door.opensToFull) != nil else { return }
      switch door.served.listener.accept() {
      case .connection(let descriptor, let peer):
        let socket = ClientSocket(
          descriptor: descriptor, role: door.served.role, peer: peer, wasUsed: false)
        if !self.give(socket, evenToFull: door.opensToFull) { self.homeless.append(socket) }
      case .none:
        return
      case .outOfDescriptors:
        return self.pause("no descriptor is free for a new connection; accepting again in a moment")
      case .failed(let errno):
        return self.pause("accept on \(door.served.label) failed: \(errno); trying again in a moment")
      }
    }
  }

  /// A listener that cannot be served stays readable: waiting is better than spinning.
  private func pause(_ why: String) {
    if !self.isPaused { self.log.warning(why) }
    self.isPaused = true
    self.wheel.set(self.pauseEnd, at: self.loop.now + Self.pauseMilliseconds)
  }

  func deadlinePassed(_ deadline: Deadline) {
    self.isPaused = false
  }

  private func leastLoaded(evenFull: Bool) -> WorkerHandle? {
    var best: WorkerHandle?
    var load = Int.max
    for worker in self.workers where (evenFull || !worker.isFull) && worker.connections < load {
      best = worker
      load = worker.connections
    }
    return best
  }
}

/// One listener on the acceptor's loop.
private final class Door: EventHandler {
  let served: ServedListener
  private unowned let acceptor: Acceptor
  private var token: EventLoop.Token?

  init(_ served: ServedListener, _ acceptor: Acceptor) {
    self.served = served
    self.acceptor = acceptor
  }

  /// An administrator gets through to workers that take no more requests.
  var opensToFull: Bool { self.served.role == .admin }

  func arm(_ loop: EventLoop) {
    guard self.token == nil else { return }
    self.token = try? loop.watch(self.served.listener.descriptor.raw, for: .read, self)
  }

  func disarm(_ loop: EventLoop) {
    guard let token = self.token else { return }
    loop.forget(token)
    self.token = nil
  }

  func descriptorReady(_ readiness: Readiness) {
    self.acceptor.connectionsWait(at: self)
  }
}
