package import Gateway
package import Platform
package import Pool
internal import Synchronization
package import Tokens

/// What other threads may tell a worker.
package enum WorkerMessage: Sendable {
  /// A client's connection, new or handed over by another worker.
  case connection(ClientSocket)
  /// Take no new requests; idle connections are handed to the successors, or closed when there are none.
  case retire(handingOver: Bool)
  /// End what is open with an error in the client's own protocol.
  case cut
  case misbehave(DebugFault)
  /// What became of a reload that came in over this worker's admin connection.
  case reloadEnded(connection: UInt64, ReloadReport)
}

/// What other threads may know of a worker, and all they may do to it.
///
/// The worker itself is not `Sendable`: it is made on its own thread and never leaves it.
package final class WorkerHandle: Sendable {
  package let name: WorkerName
  package let snapshot: Snapshot
  package let vocabularies: Vocabularies
  package let wakeup: Wakeup

  private struct Inbox {
    var messages: [WorkerMessage] = []
    var isClosed = false
  }

  private let inbox = Mutex(Inbox())
  private let beatMilliseconds: Atomic<UInt64>
  private let connectionCount = Atomic<Int>(0)
  private let exchangeCount = Atomic<Int>(0)
  private let transferCount = Atomic<Int>(0)
  private let full = Atomic<Bool>(false)
  private let abandoned = Atomic<Bool>(false)

  package init(
    name: WorkerName, snapshot: Snapshot, vocabularies: Vocabularies = Vocabularies(), now: UInt64
  ) throws(Errno) {
    self.name = name
    self.snapshot = snapshot
    self.vocabularies = vocabularies
    self.wakeup = try Wakeup()
    self.beatMilliseconds = Atomic(now)
  }

  // MARK: - For the other threads

  /// False: it has ended, or is given up, and nobody would read the message.
  @discardableResult
  package func post(_ message: WorkerMessage) -> Bool {
    let isOpen = self.inbox.withLock { inbox in
      if !inbox.isClosed { inbox.messages.append(message) }
      return !inbox.isClosed
    }
    if isOpen { self.wakeup.ring() }
    return isOpen
  }

  /// A connection counts from the moment it is given, so that a burst is spread evenly.
  package func give(_ socket: ClientSocket) -> Bool {
    self.connectionCount.add(1, ordering: .relaxed)
    if self.post(.connection(socket)) { return true }
    self.connectionCount.subtract(1, ordering: .relaxed)
    return false
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
    return self.closeInbox().compactMap { message in
      if case .connection(let socket) = message { socket } else { nil }
    }
  }

  // MARK: - For the worker

  package func takeMessages() -> [WorkerMessage] {
    self.inbox.withLock { inbox in
      var taken: [WorkerMessage] = []
      swap(&taken, &inbox.messages)
      return taken
    }
  }

  /// The last of its letters; no more are taken.
  package func closeInbox() -> [WorkerMessage] {
    self.inbox.withLock { inbox in
      var taken: [WorkerMessage] = []
      swap(&taken, &inbox.messages)
      inbox.isClosed = true
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
