internal import Gateway
internal import Glibc
internal import Platform
internal import Settings
internal import Systemd
internal import Upstream

/// Brings the daemon up in the order in which nothing can be half there.
package enum Daemon {
  /// Serves until it is told to stop; answers with the exit code: 0, 1 for a bad configuration, 3 when it cannot start.
  package static func serve(configFile: String?) -> Int32 {
    let started = Clock.monotonicMilliseconds()
    Resources.raiseDescriptorLimit()
    Resources.keepSmallBlocksJoined()
    SignalInbox.ignoreBrokenPipes()
    Thread.prepareInterrupts()
    Self.honourUpperCaseProxy()
    do {
      // Blocked before the first thread, so that every thread inherits the mask.
      let signals = try SignalInbox(blocking: Supervisor.signals)
      let passed = try ListenSockets.take()
      let loader = ConfigurationLoader(configFile: configFile).forService()
      let origin = Self.origin(of: passed)
      let outcome = loader.load(listeners: origin)
      let log = try LogThread.start(level: outcome.settings.logLevel)
      defer { log.finish(withinMilliseconds: 1_000) }
      guard let launch = Self.launch(outcome, loader, origin, log.logger) else { return 1 }
      guard let doorway = Self.doorway(passed, launch.snapshot.settings, log.logger) else { return 1 }
      defer { doorway.removeFiles() }
      return try Self.run(launch, doorway, signals, log.logger, started)
    } catch {
      Self.complain("\(error)")
      return 3
    }
  }

  private static func run(
    _ launch: Launch, _ doorway: Doorway, _ signals: SignalInbox, _ log: Logger, _ started: UInt64
  ) throws -> Int32 {
    TransferSet.prepareProcess()
    let demo = DemoHost()
    let inbox = try AcceptorInbox(now: started)
    let letters = try SupervisorInbox()
    let state = DaemonState()
    let discovery = try DiscoveryInbox()
    let station = WorkerStation(
      log: log, supervisor: letters, acceptor: inbox, roster: Roster(), lifecycle: Lifecycle(),
      state: state, discovery: discovery,
      demoSocket: demo.socketName, startedMilliseconds: started)
    // All that may be missing at a start is asked for before the first thread.
    let supervisor = try Supervisor(
      launch, signals: signals, station: station, demo: demo, doors: doorway.labels)
    if launch.snapshot.settings.plan.isDemo { demo.run(log) }
    let acceptor = try Thread.start(name: "acceptor") {
      Acceptor(doorway, inbox, letters, log)?.run()
      letters.post(.acceptorEnded)
    }
    let discoverer = try Thread.start(name: "discovery") {
      Discovery(discovery, state, log)?.run()
      discovery.ended.ring()
    }
    let code = supervisor.run()
    inbox.post(.end)
    if !acceptor.join(withinMilliseconds: 1_000) { log.error("the acceptor does not end; ending without it") }
    discovery.post(.end)
    // A resolver that does not answer may hold the thread for long: nobody waits for that.
    if discovery.ended.isRung(withinMilliseconds: 300) { discoverer.join() }
    return code
  }

  // MARK: - Configuration

  private static func launch(
    _ outcome: ConfigurationOutcome, _ loader: ConfigurationLoader, _ origin: ListenerOrigin, _ log: Logger
  ) -> Launch? {
    if case .accepted(let settings, _) = outcome {
      log.info("claude-proxy \(version): \(settings.workers.inWords)", id: .started)
    }
    for remark in outcome.remarks { log.note(remark) }
    switch outcome {
    case .accepted(let settings, _):
      for line in settings.summary where line.hasPrefix("/") { log.info(line) }
      return Launch(
        loader: loader, origin: origin,
        snapshot: Snapshot(
          settings, isFaulty: false, generation: 1, configurationFile: loader.fileToEdit), note: ""
      )
    case .refused(let faults, _):
      for fault in faults { log.error("\(fault)", id: .configurationFault) }
      guard case .systemd = origin else {
        log.error("the configuration is not usable; nothing was started", id: .configurationFault)
        return nil
      }
      // Ending would make systemd give up the sockets: better to stay and say what is wrong to everybody who asks.
      log.error("serving errors until the configuration is mended and reloaded", id: .configurationFault)
      return Launch(
        loader: loader, origin: origin,
        snapshot: Snapshot(
          Settings(), isFaulty: true, generation: 1, configurationFile: loader.fileToEdit),
        note: "Configuration not usable: \(faults.first?.description ?? "")")
    }
  }

  // MARK: - Sockets

  private static func origin(of passed: [ListenSocket]) -> ListenerOrigin {
    if passed.isEmpty { return .bound }
    let outside = passed.filter { $0.address.isInternet && $0.name != Self.adminName }
      .filter { !(IPAddress($0.address.host)?.isLoopback ?? false) }
    return .systemd(publicAddresses: outside.map { $0.address.description })
  }

  private static let adminName = "admin"

  private static func doorway(_ passed: [ListenSocket], _ settings: Settings, _ log: Logger) -> Doorway? {
    guard !passed.isEmpty else { return OwnListeners.open(settings.listening, log) }
    let served = passed.map { socket in
      let listener = Listener(socket.descriptor)
      if let backlog = settings.listening.explicitBacklog { listener.setBacklog(backlog) }
      return ServedListener(
        listener: listener, role: socket.name == Self.adminName ? .admin : .inference,
        label: "\(socket.address) (\(socket.name), from systemd)")
    }
    return Doorway(served)
  }

  /// libcurl reads `http_proxy` in lower case only, for the sake of CGI programs, which this is not.
  private static func honourUpperCaseProxy() {
    guard let proxy = ConfigurationLoader.processEnvironment().last(where: { $0.name == "HTTP_PROXY" })?.value
    else { return }
    _ = unsafe setenv("http_proxy", proxy, 0)
  }

  private static func complain(_ text: String) {
    var line = Array("claude-proxy: \(text)\n".utf8)
    _ = unsafe line.withUnsafeMutableBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

extension ConfigurationOutcome {
  /// What there is to go by before anything is judged.
  fileprivate var settings: Settings {
    switch self {
    case .accepted(let settings, _): settings
    case .refused: Settings()
    }
  }
}
