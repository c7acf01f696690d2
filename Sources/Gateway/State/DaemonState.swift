package import Dialogue
package import Settings
internal import Synchronization

/// What all workers of all generations share: one short lock for each thing, none of them held while anything waits.
///
/// A request takes a lock once when it begins and once when it ends, and none in between.
package final class DaemonState: Sendable {
  private let upstreams = Mutex<[String: UpstreamState]>([:])
  private let clients = Mutex(ClientRecords())
  private let counted = Mutex(Metrics())
  private let toolStates = Mutex(ToolStateCache())
  /// Read for every call of every request, so that nobody locks what is empty.
  private let hasToolStates = Atomic(false)

  package init() {}

  // MARK: - Upstreams

  /// The state of the upstream at that address. A worker asks once, when it starts.
  package func upstream(_ name: UpstreamName, at url: String) -> UpstreamState {
    self.upstreams.withLock { upstreams in
      let key = "\(name.rawValue) \(url)"
      if let known = upstreams[key] { return known }
      let new = UpstreamState(name, key: key)
      upstreams[key] = new
      return new
    }
  }

  package func upstream(_ choice: UpstreamChoice) -> UpstreamState {
    switch choice {
    case .demo: self.upstream(.demo, at: "")
    case .anthropic(let upstream): self.upstream(.anthropic, at: upstream.messagesURL.description)
    case .openAI(let upstream): self.upstream(.openAI, at: upstream.chatCompletionsURL.description)
    }
  }

  /// All upstreams of a configuration, in the order in which pages name them.
  package func upstreams(of plan: UpstreamPlan) -> [UpstreamState] {
    if plan.isDemo { return [self.upstream(.demo)] }
    let choices = [plan.anthropic.map(UpstreamChoice.anthropic), plan.openAI.map(UpstreamChoice.openAI)]
    return choices.compactMap { $0 }.map { self.upstream($0) }
  }

  /// Forgets the upstreams a new configuration no longer names; requests under way keep theirs.
  package func keepOnly(_ plan: UpstreamPlan) {
    let kept = self.upstreams(of: plan)
    self.upstreams.withLock { upstreams in
      upstreams = upstreams.filter { _, state in kept.contains { $0 === state } }
    }
  }

  // MARK: - Clients

  package func clientArrived(_ mark: ClientMark, now: UInt64) -> ClientVisit {
    self.clients.withLock { $0.arrived(mark, now: now) }
  }

  package func clientAccepted(_ visit: inout ClientVisit, now: UInt64) {
    if visit.isCounted { return }
    var changed = visit
    self.clients.withLock { $0.accepted(&changed, now: now) }
    visit = changed
  }

  package func clientLeft(_ visit: ClientVisit, now: UInt64) {
    guard visit.isCounted else { return }
    self.clients.withLock { $0.left(visit, now: now) }
  }

  package func clientCounters(now: UInt64) -> ClientCounters {
    self.clients.withLock { $0.reading(now: now) }
  }

  // MARK: - Counters

  package func count(_ request: FinishedRequest) {
    self.counted.withLock { $0.count(request) }
  }

  package var metrics: Metrics { self.counted.withLock { $0 } }

  // MARK: - Tool states

  package func rememberToolStates(_ states: [ToolState], client: ClientMark?, upstream: String) {
    guard !states.isEmpty else { return }
    let client = client?.text ?? ""
    self.hasToolStates.store(true, ordering: .releasing)
    self.toolStates.withLock { cache in
      for state in states {
        cache.remember(
          state.state, for: ToolStateCache.key(client: client, upstream: upstream, call: state.call))
      }
    }
  }

  package func toolState(client: ClientMark?, upstream: String, call: String) -> [UInt8]? {
    guard self.hasToolStates.load(ordering: .acquiring) else { return nil }
    let key = ToolStateCache.key(client: client?.text ?? "", upstream: upstream, call: call)
    return self.toolStates.withLock { $0.state(for: key) }
  }
}
