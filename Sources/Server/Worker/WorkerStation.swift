internal import Gateway
internal import Platform
internal import Pool

/// What a worker may say to the threads around it, and what all workers have in common.
struct WorkerStation: Sendable {
  let log: Logger
  let supervisor: SupervisorInbox
  let acceptor: AcceptorInbox
  let roster: Roster
  let lifecycle: Lifecycle
  let state: DaemonState
  let discovery: DiscoveryInbox
  let doorstep = DoorstepCount()
  /// The name of the demo upstream's socket, while it is wanted.
  let demoSocket: String
  let startedMilliseconds: UInt64

  func tell(_ message: SupervisorMessage) {
    self.supervisor.post(message)
  }

  func handOver(_ socket: ClientSocket) {
    self.acceptor.post(.connections([socket]))
  }

  func roomAppeared() {
    self.acceptor.post(.roomAppeared)
  }
}
