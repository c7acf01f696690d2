internal import Gateway
internal import Glibc
internal import Platform
internal import Pool
internal import Settings
internal import Systemd
internal import Tokens

/// The main thread: hears signals and the other threads, asks the policy, and does what it orders.
final class Supervisor: EventHandler {
  static let signals = [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH]

  private let desk: ReloadDesk
  private let signals: SignalInbox
  private let station: WorkerStation
  /// What it listens on, in words.
  private let doors: [String]
  private let notifier = Notifier()
  private let watchdogMicroseconds = Watchdog.intervalMicroseconds()
  private let demo: DemoHost
  private let loop: EventLoop
  private let log: Logger

  private var snapshot: Snapshot
  private var vocabularies = Vocabularies()
  private var policy: PoolPolicy
  private var threads: [WorkerName: Thread] = [:]
  private var hasAnnounced = false
  private var exitCode: Int32?
  private var ebb = Ebb()
  private var shownStatus = ""
  private var note: String
  /// Orders that wait until the acceptor feeds whom it was told to feed.
  private var deferred: [PoolOrder] = []
  private var feedsUnderWay = 0
  /// While the service stops: until then the acceptor may take to let go of what it has accepted.
  private var acceptorEndsBy: UInt64?
  /// Retiring workers that still have idle connections to give away.
  private var handingOver: Set<WorkerName> = []
  private var unannounced: Int?
  /// Somebody is silent, and the service manager is not told that all is well.
  private var isSuspected = false

  init(
    _ launch: Launch, signals: SignalInbox, station: WorkerStation, demo: DemoHost, doors: [String]
  ) throws(Errno) {
    self.desk = ReloadDesk(launch, station, self.notifier)
    self.snapshot = launch.snapshot
    self.note = launch.note
    self.signals = signals
    self.station = station
    self.doors = doors
    self.demo = demo
    self.log = station.log
    self.loop = try EventLoop()
    self.policy = PoolPolicy(limits: PoolLimits(launch.snapshot.settings.workers))
  }

  /// Runs the daemon; answers with the exit code.
  func run() -> Int32 {
    let bell = SupervisorBell { [unowned self] in self.readInbox() }
    guard
      let bellToken = try? self.loop.watch(self.station.supervisor.wakeup.descriptor.raw, for: .read, bell),
      let signalToken = try? self.loop.watch(self.signals.descriptor.raw, for: .read, self)
    else { return 3 }
    defer {
      self.loop.forget(bellToken)
      self.loop.forget(signalToken)
    }
    self.loadVocabularies()
    self.obey(self.policy.generationWanted(PoolLimits(self.snapshot.settings.workers), now: self.loop.now))
    self.station.discovery.post(.configured(self.snapshot.settings))
    while self.exitCode == nil {
      self.loop.turn(waitingAtMost: self.tickMilliseconds)
      self.tick()
    }
    return self.exitCode ?? 0
  }

  // MARK: - Time

  /// A second, or less when systemd wants to hear more often.
  private var tickMilliseconds: Int32 {
    guard let interval = self.watchdogMicroseconds else { return 1_000 }
    return Int32(clamping: min(1_000, max(1, interval / 3_000)))
  }

  private func tick() {
    let now = self.loop.now
    for handle in self.station.roster.all { self.obey(self.policy.beat(handle.name, at: handle.lastBeat)) }
    self.obey(self.policy.tick(now: now))
    if let most = PoolLimits(self.snapshot.settings.workers).silenceMilliseconds, !self.policy.isStopping {
      let beat = self.station.acceptor.lastBeat
      if now > beat, now - beat > most { self.abort(.silentAcceptor) }
    }
    if self.watchdogMicroseconds != nil, self.isAlive(now) { self.notifier.send(.watchdog) }
    if self.policy.isStopping { self.notifier.send(.extendTimeout(microseconds: 10_000_000)) }
    if let end = self.acceptorEndsBy, end <= now { self.acceptorEnded() }
    let inFlight = self.station.roster.all.reduce(0) { $0 + $1.exchanges }
    if self.ebb.hasCome(inFlight: inFlight) { Resources.giveBackFreedMemory() }
    self.showStatus()
  }

  /// The pings vouch for every worker that is not given up and for the acceptor. Where the policy gives nobody up
  /// (`GUNICORN_TIMEOUT=0`), silence as long as the service manager's patience ends them.
  private func isAlive(_ now: UInt64) -> Bool {
    guard let interval = self.watchdogMicroseconds, !self.policy.isStopping else { return true }
    let most = PoolLimits(self.snapshot.settings.workers).silenceMilliseconds ?? max(2_000, interval / 1_000)
    let beats =
      self.station.roster.all.filter { !$0.isAbandoned }.map(\.lastBeat) + [self.station.acceptor.lastBeat]
    let isAlive = beats.allSatisfy { now <= $0 || now - $0 <= most }
    if !isAlive, !self.isSuspected { self.log.critical("a thread is silent; the watchdog is told no more") }
    self.isSuspected = !isAlive
    return isAlive
  }

  private func showStatus() {
    guard self.hasAnnounced else { return }
    let vitals = self.station.roster.vitals(since: 0, now: 0, droppedLogRecords: self.log.droppedCount)
    var status = self.policy.isStopping ? "Stopping: " : ""
    status += self.note.isEmpty ? "" : "\(self.note); "
    status += self.snapshot.state == .unconfigured ? "unconfigured: \(self.snapshot.configurationFile); " : ""
    status += "\(self.snapshot.settings.workers.inWords); "
    status += "\(vitals.connections) connections, \(vitals.exchanges) requests in flight"
    if vitals.droppedLogRecords > 0 { status += "; \(vitals.droppedLogRecords) log records dropped" }
    guard status != self.shownStatus else { return }
    self.shownStatus = status
    self.notifier.send(.status(status))
  }

  // MARK: - Signals

  func descriptorReady(_ readiness: Readiness) {
    while let signal = self.signals.next() { self.heard(signal) }
  }

  private func heard(_ signal: Int32) {
    let now = self.loop.now
    switch signal {
    case SIGTERM:
      self.beginStopping("SIGTERM")
      self.obey(self.policy.stopWanted(now: now))
    case SIGINT, SIGQUIT:
      self.beginStopping(signal == SIGINT ? "SIGINT" : "SIGQUIT")
      self.obey(self.policy.quickStopWanted(now: now))
    case SIGHUP:
      self.reload(for: nil)
    case SIGTTIN, SIGTTOU:
      self.obey(self.policy.workersWanted(changedBy: signal == SIGTTIN ? 1 : -1, now: now))
      self.log.info("\(self.policy.workersWanted) workers wanted from now on, by signal")
    case SIGUSR1:
      self.log.reopen()
      self.log.debug("SIGUSR1: the access log's file is opened again")
    case SIGUSR2:
      self.log.info("SIGUSR2 is ignored: `systemctl restart` with the socket units refuses no connection")
    default:
      self.log.debug("signal \(signal) is ignored")
    }
  }

  private func beginStopping(_ why: String) {
    guard !self.policy.isStopping else { return self.log.info("\(why) again: ending sooner", id: .stopping) }
    self.station.lifecycle.stop()
    self.notifier.send(.stopping)
    self.log.info("\(why): finishing what is open, taking nothing new", id: .stopping)
    // Our own sockets close with it, and new connections are refused; systemd's wait for the next start.
    self.station.acceptor.post(.end)
    // A worker that had ended before would leave a client in the acceptor's hands without an answer.
    self.acceptorEndsBy = self.loop.now + 1_000
    self.desk.giveUp("the service is stopping")
  }

  // MARK: - Reload

  private func reload(for waiter: ReloadDesk.Waiter?) {
    guard !self.policy.isStopping else {
      return self.desk.answer(waiter, ReloadReport(succeeded: false, lines: ["the service is stopping"]))
    }
    let old = self.snapshot
    switch self.desk.begin(replacing: old.settings, for: waiter) {
    case .failure(let fault):
      self.note = "Reload failed: \(fault)"
    case .success(let settings):
      self.note = ""
      self.snapshot = Snapshot(
        settings, isFaulty: false, generation: old.generation + 1, configurationFile: self.desk.fileToEdit)
      self.log.level = settings.logLevel
      self.loadVocabularies()
      self.log.reopen()
      self.station.state.keepOnly(settings.plan)
      self.station.discovery.post(.configured(settings))
      if settings.plan.isDemo { self.demo.run(self.log) }
      self.obey(self.policy.generationWanted(PoolLimits(settings.workers), now: self.loop.now))
    }
    self.showStatus()
  }

  /// A table that is not there is no reason not to serve.
  private func loadVocabularies() {
    let found = TokenTables.load(for: self.snapshot.settings.tokens)
    self.vocabularies = found.vocabularies
    for fault in found.faults { self.log.warning("\(fault); tokens are counted by characters instead") }
  }

  // MARK: - The other threads

  private func readInbox() {
    for message in self.station.supervisor.take() {
      switch message {
      case .firstBeat(let name):
        self.obey(self.policy.beat(name, now: self.loop.now))
      case .ended(let name):
        self.ended(name)
      case .spent(let name):
        self.log.info("worker \(name) has served its share of requests; a successor starts")
        self.obey(self.policy.spent(name, now: self.loop.now))
      case .fed:
        self.feedsUnderWay -= 1
        if !self.mayAcceptorGive { self.obeyDeferred() }
      case .handedOver(let name):
        self.handingOver.remove(name)
        self.announceIfReady()
      case .reloadWanted(let worker, let connection):
        self.reload(for: (worker, connection))
      case .acceptorEnded:
        if self.policy.isStopping { self.acceptorEnded() }
        guard !self.policy.isStopping, self.exitCode == nil else { break }
        self.log.critical("the acceptor has ended; giving up")
        self.exitCode = 3
      }
    }
  }

  private func ended(_ name: WorkerName) {
    self.threads.removeValue(forKey: name)?.join()
    self.station.roster.remove(name)
    self.handingOver.remove(name)
    self.announceIfReady()
    self.log.debug("worker \(name) has ended", id: .workerRetired)
    // One that was told to end before it had taken over is no failure.
    if !self.hasAnnounced, self.policy.isCountedOn(name) {
      self.log.critical("a worker could not start; giving up")
      self.exitCode = 3
      return
    }
    self.obey(self.policy.exited(name, now: self.loop.now))
  }

  // MARK: - Orders

  private func obey(_ orders: [PoolOrder]) {
    for order in orders { self.obey(order) }
  }

  /// Nobody swaps workers any more.
  private func acceptorEnded() {
    self.feedsUnderWay = 0
    self.acceptorEndsBy = nil
    self.obeyDeferred()
  }

  /// To workers that are to be fed no more.
  private var mayAcceptorGive: Bool { self.feedsUnderWay > 0 || self.acceptorEndsBy != nil }

  private func obeyDeferred() {
    var orders: [PoolOrder] = []
    swap(&orders, &self.deferred)
    self.obey(orders)
  }

  /// Whoever asked for a reload may count on the new settings from the moment it is announced: new connections go to the new
  /// workers then, and idle ones have gone over to them.
  private func announceIfReady() {
    guard let generation = self.unannounced, self.handingOver.isEmpty else { return }
    self.unannounced = nil
    self.announce(generation)
  }

  private func obey(_ order: PoolOrder) {
    switch order {
    case .retire, .abandon, .announceGeneration:
      // Until the acceptor knows, it may still give connections to these workers.
      if self.mayAcceptorGive { return self.deferred.append(order) }
    case .start, .feed, .cut, .abort, .exit:
      break
    }
    switch order {
    case .start(let name):
      self.start(name)
    case .feed(let names):
      guard !self.policy.isStopping else { return }
      self.feedsUnderWay += 1
      self.station.acceptor.post(.feed(names.compactMap { self.station.roster.find($0) }))
    case .announceGeneration(let generation):
      self.unannounced = generation
      self.announceIfReady()
    case .retire(let name, _):
      guard let handle = self.station.roster.find(name) else { return }
      self.handingOver.insert(name)
      handle.post(.retire(handingOver: !self.policy.isStopping))
    case .cut(let name):
      self.station.roster.find(name)?.post(.cut)
    case .abandon(let name, let silent):
      self.abandon(name, silent)
    case .abort(let reason):
      self.abort(reason)
    case .exit:
      self.log.info("every worker has ended", id: .stopped)
      self.exitCode = 0
    }
  }

  private func start(_ name: WorkerName) {
    let station = self.station
    do throws(Errno) {
      let handle = try WorkerHandle(
        name: name, snapshot: self.snapshot, vocabularies: self.vocabularies,
        now: Clock.monotonicMilliseconds())
      station.roster.add(handle)
      self.threads[name] = try Thread.start(name: "worker-\(name)") {
        Worker(handle, station)?.run()
        station.tell(.ended(name))
      }
      self.log.debug("worker \(name) starts", id: .workerStarted)
    } catch {
      self.log.error("worker \(name) cannot start: \(error)")
      station.tell(.ended(name))
    }
  }

  private func announce(_ generation: Int) {
    if self.hasAnnounced {
      self.desk.finish()
      return self.showStatus()
    }
    self.hasAnnounced = true
    for door in self.doors { self.log.info("listening on \(door)", id: .started) }
    self.notifier.send(.ready)
    self.showStatus()
    self.log.info("ready: \(self.snapshot.settings.workers.inWords)", id: .ready)
    Resources.forgetStart()
  }

  private func abandon(_ name: WorkerName, _ silentMilliseconds: UInt64) {
    self.log.critical(
      "WORKER TIMEOUT (worker:\(name)): silent for \(silentMilliseconds) ms; a replacement starts",
      id: .workerTimeout)
    self.handingOver.remove(name)
    self.announceIfReady()
    guard let handle = self.station.roster.find(name) else { return }
    self.station.acceptor.post(.connections(handle.abandon()))
    // It may be held up in a system call; if it comes back, it finds itself abandoned and ends.
    self.threads[name]?.interrupt()
  }

  private func abort(_ reason: AbortReason) {
    if reason == .workersWillNotEnd {
      // A stop that waits for nobody any more is no fault of the program.
      self.log.error("\(reason.rawValue); ending without them", id: .stopped)
      self.exitCode = 0
      return
    }
    self.log.critical("\(reason.rawValue); giving up, so that the service manager starts anew")
    self.log.flush(withinMilliseconds: 500)
    Glibc.abort()
  }
}

extension PoolLimits {
  init(_ workers: WorkerSettings) {
    self.init(
      workers: workers.count,
      // Whoever is idle turns once a second, so less than two seconds of silence say nothing.
      silenceMilliseconds: workers.timeoutSeconds <= 0 ? nil : UInt64(max(2, workers.timeoutSeconds)) * 1_000,
      graceMilliseconds: UInt64(max(0, workers.gracefulTimeoutSeconds)) * 1_000)
  }
}

/// Hears the supervisor's letter box.
private final class SupervisorBell: EventHandler {
  private let rung: () -> Void

  init(_ rung: @escaping () -> Void) {
    self.rung = rung
  }

  func descriptorReady(_ readiness: Readiness) {
    self.rung()
  }
}
