/// Decides which workers live: gunicorn's arbiter as a machine without threads, clocks or signals.
///
///     start -> starting --first beat--> serving --reload, TTOU, TERM--> retiring --exited--> gone
///                 |                        |  \--spent, until its successor serves--> retiring
///                 +-------- silent --------+--> abandoned --came back--> gone
///
/// It is told what happened and answers with what is to be done; time comes in as an argument.
package struct PoolPolicy {
  private enum Stage: Equatable {
    case starting
    case serving
    /// Has begun all the requests it may; serves on until its successor does.
    case spent
    case retiring(deadline: UInt64)
    /// Cut at this moment, after its time to finish was over.
    case cut(at: UInt64)
    case abandoned

    /// Takes requests.
    var isServing: Bool { self == .serving || self == .spent }
    /// Nobody has told it to end.
    var isOpen: Bool { self == .starting || self.isServing }
  }

  private struct Member {
    let name: WorkerName
    let generation: Int
    var stage: Stage
    var lastBeat: UInt64
  }

  private enum Phase: Equatable {
    case running
    case stopping
    case ended
  }

  /// How long cut workers may take to send their last words (gunicorn: 2 s).
  private static let lastWordsMilliseconds: UInt64 = 2_000
  private static let longestPauseMilliseconds: UInt64 = 60_000

  private var limits: PoolLimits
  private var members: [Member] = []
  private var phase = Phase.running
  private var nextAge = 1
  private var generation = 0
  private var announcedGeneration = 0
  /// Replacements that failed are retried with doubling pauses.
  private var pauseMilliseconds: UInt64 = 0
  private var noStartBefore: UInt64 = 0

  package init(limits: PoolLimits) {
    self.limits = limits
  }

  package var workersWanted: Int { self.limits.workers }
  package var isStopping: Bool { self.phase != .running }
  package var names: [WorkerName] { self.members.map(\.name) }

  // MARK: - What happens

  /// The first start, or new settings: a whole generation starts, and takes over when each of it has beaten once.
  package mutating func generationWanted(_ limits: PoolLimits, now: UInt64) -> [PoolOrder] {
    guard self.phase == .running else { return [] }
    self.limits = limits
    self.generation += 1
    // A generation that never came to serve is overtaken.
    let overtaken = self.members.filter { $0.stage == .starting }.map(\.name)
    let orders = overtaken.map { self.retire($0, now: now) }
    // What failed may have been the settings: the new ones do not wait for the old ones' pause.
    self.pauseMilliseconds = 0
    self.noStartBefore = now
    return orders + self.startMissing(now: now)
  }

  package mutating func beat(_ name: WorkerName, now: UInt64) -> [PoolOrder] {
    guard let index = self.index(of: name) else { return [] }
    self.members[index].lastBeat = now
    guard self.members[index].stage == .starting else { return [] }
    self.members[index].stage = .serving
    self.pauseMilliseconds = 0
    return self.takeOver(now: now)
  }

  /// A time stamp of a worker's own, for one that has beaten before.
  package mutating func beat(_ name: WorkerName, at moment: UInt64) -> [PoolOrder] {
    guard let index = self.index(of: name), moment > self.members[index].lastBeat else { return [] }
    self.members[index].lastBeat = moment
    return []
  }

  package mutating func exited(_ name: WorkerName, now: UInt64) -> [PoolOrder] {
    guard let index = self.index(of: name) else { return [] }
    let gone = self.members.remove(at: index)
    var orders: [PoolOrder] = []
    switch gone.stage {
    case .starting:
      self.startFailed(now: now)
    case .serving, .spent:
      orders.append(.feed(self.fed))
    case .retiring, .cut, .abandoned:
      break
    }
    return orders + self.settle(now: now)
  }

  /// Whether it starts or serves: nobody has told it to end, so its end is a failure.
  package func isCountedOn(_ name: WorkerName) -> Bool {
    guard let index = self.index(of: name) else { return false }
    return self.members[index].stage.isOpen
  }

  /// A worker has begun as many requests as it may: its successor starts first, and then it goes.
  package mutating func spent(_ name: WorkerName, now: UInt64) -> [PoolOrder] {
    guard self.phase == .running, let index = self.index(of: name), self.members[index].stage == .serving
    else {
      return []
    }
    self.members[index].stage = .spent
    return self.startMissing(now: now)
  }

  /// Once a second, and whenever the supervisor wakes.
  package mutating func tick(now: UInt64) -> [PoolOrder] {
    var orders: [PoolOrder] = []
    for member in self.members {
      orders += self.judge(member, now: now)
      if case .abort = orders.last { return orders }
    }
    return orders + self.settle(now: now)
  }

  /// SIGTTIN and SIGTTOU.
  package mutating func workersWanted(changedBy change: Int, now: UInt64) -> [PoolOrder] {
    guard self.phase == .running else { return [] }
    let (wanted, overflows) = self.limits.workers.addingReportingOverflow(change)
    self.limits.workers = overflows ? PoolLimits.mostWorkers : min(max(1, wanted), PoolLimits.mostWorkers)
    let orders = self.startMissing(now: now) + self.retireSurplus(now: now)
    // A generation that waited for one more may be whole now.
    return self.announcedGeneration < self.generation ? orders + self.takeOver(now: now) : orders
  }

  /// SIGTERM: finish what is open.
  package mutating func stopWanted(now: UInt64) -> [PoolOrder] {
    guard self.phase == .running else { return self.quickStopWanted(now: now) }
    self.phase = .stopping
    let open = self.members.filter(\.stage.isOpen).map(\.name)
    return [.feed([])] + open.map { self.retire($0, now: now) } + self.settle(now: now)
  }

  /// SIGINT, SIGQUIT or a second SIGTERM: end now, but tell the clients.
  package mutating func quickStopWanted(now: UInt64) -> [PoolOrder] {
    let wasRunning = self.phase == .running
    if wasRunning { self.phase = .stopping }
    var orders: [PoolOrder] = wasRunning ? [.feed([])] : []
    for index in self.members.indices {
      switch self.members[index].stage {
      case .starting, .serving, .spent, .retiring:
        if wasRunning { orders.append(.retire(self.members[index].name, deadline: now)) }
        self.members[index].stage = .cut(at: now)
        orders.append(.cut(self.members[index].name))
      case .cut, .abandoned:
        break
      }
    }
    return orders + self.settle(now: now)
  }

  // MARK: - What follows

  private mutating func judge(_ member: Member, now: UInt64) -> [PoolOrder] {
    let name = member.name
    switch member.stage {
    case .retiring(let deadline) where now >= deadline:
      self.set(name, .cut(at: now))
      return [.cut(name)]
    case .cut(let moment) where now >= moment + Self.lastWordsMilliseconds:
      // It no longer answers: in a stop, nobody waits for it; otherwise it is as good as silent.
      return self.phase == .stopping ? [.abort(.workersWillNotEnd)] : self.silence(of: member, now: now)
    case .starting, .serving, .spent, .retiring, .cut:
      return self.silence(of: member, now: now)
    case .abandoned:
      return []
    }
  }

  private mutating func silence(of member: Member, now: UInt64) -> [PoolOrder] {
    guard let most = self.limits.silenceMilliseconds, now > member.lastBeat else { return [] }
    let silent = now - member.lastBeat
    guard silent > most else { return [] }
    if self.members.contains(where: { $0.stage == .abandoned }) { return [.abort(.secondSilentWorker)] }
    self.set(member.name, .abandoned)
    return [.feed(self.fed), .abandon(member.name, silentMilliseconds: silent)]
  }

  private mutating func settle(now: UInt64) -> [PoolOrder] {
    switch self.phase {
    case .running:
      return self.startMissing(now: now)
    case .stopping:
      guard self.members.allSatisfy({ $0.stage == .abandoned }) else { return [] }
      self.phase = .ended
      return [.exit]
    case .ended:
      return []
    }
  }

  /// Retiring, spent and abandoned workers do not count: a successor starts before its predecessor has ended.
  private mutating func startMissing(now: UInt64) -> [PoolOrder] {
    guard now >= self.noStartBefore else { return [] }
    let present = self.members.count { member in
      member.generation == self.generation && (member.stage == .starting || member.stage == .serving)
    }
    guard present < self.limits.workers else { return [] }
    return (present..<self.limits.workers).map { _ in
      let name = WorkerName(age: self.nextAge)
      self.nextAge += 1
      // Stamped now, so that one that never beats is found too.
      self.members.append(Member(name: name, generation: self.generation, stage: .starting, lastBeat: now))
      return .start(name)
    }
  }

  private mutating func takeOver(now: UInt64) -> [PoolOrder] {
    let newest = self.members.filter { $0.generation == self.generation && $0.stage.isServing }
    let isNew = self.announcedGeneration < self.generation
    guard newest.count >= self.limits.workers || !isNew else {
      // Fed before their time only when nobody is left of the generation before.
      let fed = self.fed
      return newest.contains { fed.contains($0.name) } ? [.feed(fed)] : []
    }
    self.announcedGeneration = self.generation
    let old = self.members.filter { $0.generation < self.generation && $0.stage.isServing }.map(\.name)
    let replaced = self.replaced(in: newest)
    var orders: [PoolOrder] = [.feed(newest.map(\.name).filter { !replaced.contains($0) })]
    orders += (old + replaced).map { self.retire($0, now: now) } + self.retireSurplus(now: now)
    if isNew { orders.append(.announceGeneration(self.generation)) }
    return orders
  }

  /// Spent workers whose successors serve by now, the oldest first.
  private func replaced(in newest: [Member]) -> [WorkerName] {
    let spent = newest.filter { $0.stage == .spent }.map(\.name).sorted()
    return Array(spent.prefix(max(0, newest.count - self.limits.workers)))
  }

  /// The oldest go first.
  private mutating func retireSurplus(now: UInt64) -> [PoolOrder] {
    let present = self.members.filter { member in
      member.generation == self.generation && (member.stage == .starting || member.stage == .serving)
    }
    guard present.count > self.limits.workers else { return [] }
    let leaving = present.map(\.name).sorted().prefix(present.count - self.limits.workers)
    let staying = self.fed.filter { !leaving.contains($0) }
    return [.feed(staying)] + leaving.map { self.retire($0, now: now) }
  }

  private mutating func retire(_ name: WorkerName, now: UInt64) -> PoolOrder {
    let deadline = now + self.limits.graceMilliseconds
    self.set(name, .retiring(deadline: deadline))
    return .retire(name, deadline: deadline)
  }

  /// Who is fed: the newest generation once it has taken over, the one before until then.
  private var fed: [WorkerName] {
    let serving = self.members.filter(\.stage.isServing)
    let announced = serving.filter { $0.generation <= self.announcedGeneration }
    let isBereft = announced.isEmpty && self.announcedGeneration > 0
    return (isBereft ? serving : announced).map(\.name)
  }

  /// Workers that fail together, before the pause they brought about is over, double it once.
  private mutating func startFailed(now: UInt64) {
    guard self.pauseMilliseconds == 0 || now >= self.noStartBefore else { return }
    self.pauseMilliseconds = min(max(1_000, self.pauseMilliseconds * 2), Self.longestPauseMilliseconds)
    self.noStartBefore = now + self.pauseMilliseconds
  }

  private mutating func set(_ name: WorkerName, _ stage: Stage) {
    guard let index = self.index(of: name) else { return }
    self.members[index].stage = stage
  }

  private func index(of name: WorkerName) -> Int? {
    self.members.firstIndex { $0.name == name }
  }
}
