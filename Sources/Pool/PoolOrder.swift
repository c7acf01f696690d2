/// What the policy wants done. The supervisor does it, in order.
package enum PoolOrder: Equatable, Sendable {
  /// Start a worker with the newest settings.
  case start(WorkerName)
  /// From now on new connections go to these workers and no others.
  case feed([WorkerName])
  /// All workers of the newest generation have taken their first turn.
  case announceGeneration(Int)
  /// Take no new work, finish what is open by `deadline` (milliseconds of the monotonic clock), then end.
  case retire(WorkerName, deadline: UInt64)
  /// End what is open with the client's protocol's error now.
  case cut(WorkerName)
  /// Silent too long: expect nothing of it any more, give its waiting connections to others.
  case abandon(WorkerName, silentMilliseconds: UInt64)
  /// Nothing inside the process can help any more; systemd can.
  case abort(AbortReason)
  /// Every worker has ended.
  case exit
}

/// Why the process gives itself up.
package enum AbortReason: String, Equatable, Sendable {
  case secondSilentWorker = "a second worker fell silent while one was abandoned"
  case silentAcceptor = "the acceptor fell silent"
  case workersWillNotEnd = "workers did not end in time"
}
