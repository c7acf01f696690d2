internal import Pool
internal import Settings
internal import Systemd

/// Reads new settings, and remembers who waits to hear what became of them.
final class ReloadDesk {
  /// An admin connection and the worker that has it.
  typealias Waiter = (worker: WorkerName, connection: UInt64)

  private let loader: ConfigurationLoader
  private let origin: ListenerOrigin
  private let roster: Roster
  private let notifier: Notifier
  private let log: Logger
  private var isUnderWay = false
  private var waiters: [Waiter] = []
  private var lines: [String] = []

  init(_ launch: Launch, _ station: WorkerStation, _ notifier: Notifier) {
    self.loader = launch.loader
    self.origin = launch.origin
    self.roster = station.roster
    self.log = station.log
    self.notifier = notifier
  }

  var fileToEdit: String { self.loader.fileToEdit }

  /// The new settings, or the first fault when they are not usable and everything stays as it is.
  func begin(replacing old: Settings, for waiter: Waiter?) -> Result<Settings, ConfigurationFault> {
    self.notifier.send(.reloading)
    switch self.loader.load(listeners: self.origin) {
    case .refused(let faults, _):
      self.refuse(faults, waiter)
      let unknown = ConfigurationFault(
        at: .environment, key: "", value: nil, expected: "a usable configuration")
      return .failure(faults.first ?? unknown)
    case .accepted(let settings, let remarks):
      self.isUnderWay = true
      self.lines = self.logRemarks(remarks) + self.logChanges(settings.changes(from: old))
      if let waiter { self.waiters.append(waiter) }
      return .success(settings)
    }
  }

  /// The new settings are in effect everywhere.
  func finish() {
    self.log.info("reloaded", id: .reloadDone)
    self.isUnderWay = false
    self.notifier.send(.ready)
    self.answerAll(ReloadReport(succeeded: true, lines: self.lines))
  }

  /// Nothing will come of the reloads under way.
  func giveUp(_ why: String) {
    self.answerAll(ReloadReport(succeeded: false, lines: [why]))
  }

  func answer(_ waiter: Waiter?, _ report: ReloadReport) {
    guard let waiter else { return }
    self.roster.find(waiter.worker)?.post(.reloadEnded(connection: waiter.connection, report))
  }

  private func answerAll(_ report: ReloadReport) {
    for waiter in self.waiters { self.answer(waiter, report) }
    self.waiters = []
  }

  private func refuse(_ faults: [ConfigurationFault], _ waiter: Waiter?) {
    for fault in faults { self.log.error("\(fault)", id: .configurationFault) }
    self.log.error("reload failed, going on with the old configuration", id: .reloadFailed)
    // An earlier reload that is still under way says by itself when it has ended.
    if !self.isUnderWay { self.notifier.send(.ready) }
    self.answer(waiter, ReloadReport(succeeded: false, lines: faults.map(\.description)))
  }

  private func logRemarks(_ remarks: [ConfigurationRemark]) -> [String] {
    for remark in remarks { self.log.note(remark) }
    return remarks.map(\.description)
  }

  private func logChanges(_ changes: [SettingChange]) -> [String] {
    var lines: [String] = []
    let live = changes.filter { $0.effect == .live }.map(\.name)
    let later = changes.filter { $0.effect == .restart }.map(\.name)
    if !live.isEmpty { lines.append("changed: \(live.joined(separator: ", "))") }
    if !later.isEmpty { lines.append("changed, but needs a restart: \(later.joined(separator: ", "))") }
    for line in lines { self.log.info(line) }
    return lines
  }
}

extension Logger {
  func note(_ remark: ConfigurationRemark) {
    switch remark.weight {
    case .warning: self.warning("\(remark)")
    case .notice: self.info("\(remark)")
    }
  }
}
