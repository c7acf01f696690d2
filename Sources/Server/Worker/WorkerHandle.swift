package import Gateway
package import Platform
package import Pool
internal import Synchronization

/// What other threads may tell a worker.
package enum WorkerMessage: Sendable {
  /// A client's connection, new or handed over by another worker.
  case connection(ClientSocket)
  /// Take no new requests; idle connections are handed to the successors, or closed when there are none.
  case retire(handingOver: Bool)
  /// End what is open with an error in the client's own protocol.
  case cut
  /// What became of a reload that came in over this worker's admin connection.
  case reloadEnded(connection: UInt64, ReloadReport)
}

/// What other threads may know of a worker, and all they may do to it.
///
/// The worker itself is not `Sendable`: it is made on its own thread and never leaves it.
package final class WorkerHandle: Sendable {
  package let name: WorkerName
  package let snapshot: Snapshot
  package let wakeup: Wakeup

  private let inbox = Mutex<[WorkerMessage]>([])
  private let beatMilliseconds: Atomic<UInt64>
  private let connectionCount = Atomic<Int>(0)
  private let exchangeCount = Atomic<Int>(0)
  private let transferCount = Atomic<Int>(0)
  private let full = Atomic<Bool>(false)
  private let abandoned = Atomic<Bool>(false)

  package init(name: WorkerName, snapshot: Snapshot, now: UInt64) throws(Errno) {
    self.name = name
    self.snapshot = snapshot
    self.wakeup = try Wakeup()
    self.beatMilliseconds = Atomic(now)
  }

  // MARK: - For the other threads

  package func post(_ message: WorkerMessage) {
    self.inbox.withLock { $0.append(message) }
    self.wakeup.ring()
  }

  /// A connection counts from the moment it is given, so that a burst is spread evenly.
  package func give(_ socket: ClientSocket) {
    self.connectionCount.add(1, ordering: .relaxed)
    self.post(.connection(socket))
  }

  package var lastBeat: UInt64 { self.beatMilliseconds.load(ordering: .relaxed) }
  package var connections: Int { self.connectionCount.load(ordering: .relaxed) }
  package var exchanges: Int { self.exchangeCount.load(ordering: .relaxed) }
  package var transfers: Int { self.transferCount.load(ordering: .relaxed) }
  /// Requests wait in it for others to end.
  package var isFull: Bool { self.full.load(ordering: .relaxed) }
  package var isAbandoned: Bool { self.abandoned.load(ordering: .relaxed) }

  /// Expects nothing more of it; what waits in its inbox can be given to others.
  package func abandon() -> [ClientSocket] {
    self.abandoned.store(true, ordering: .relaxed)
    return self.takeMessages().compactMap { message in
      if case .connection(let socket) = message { socket } else { nil }
    }
  }

  // MARK: - For the worker

  package func takeMessages() -> [WorkerMessage] {
    self.inbox.withLock { messages in
      var taken: [WorkerMessage] = []
      swap(&taken, &messages)
      return taken
    }
  }

  package func beat(now: UInt64) {
    self.beatMilliseconds.store(now, ordering: .relaxed)
  }

  package func connectionEnded() {
    self.connectionCount.subtract(1, ordering: .relaxed)
  }

  package func publish(exchanges: Int, transfers: Int, isFull: Bool) {
    self.exchangeCount.store(exchanges, ordering: .relaxed)
    self.transferCount.store(transfers, ordering: .relaxed)
    self.full.store(isFull, ordering: .relaxed)
  }
}
