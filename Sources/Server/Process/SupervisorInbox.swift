internal import Platform
internal import Pool
internal import Synchronization

/// What other threads tell the supervisor.
enum SupervisorMessage: Sendable {
  case firstBeat(WorkerName)
  case ended(WorkerName)
  /// It has begun as many requests as it may.
  case spent(WorkerName)
  /// The acceptor gives new connections to the workers it was told.
  case fed
  /// A retiring worker has given its idle connections away.
  case handedOver(WorkerName)
  /// Nothing is accepted any more.
  case acceptorEnded
  /// An administrator asked over the admin socket.
  case reloadWanted(worker: WorkerName, connection: UInt64)
}

/// The supervisor's letter box.
final class SupervisorInbox: Sendable {
  let wakeup: Wakeup
  private let messages = Mutex<[SupervisorMessage]>([])

  init() throws(Errno) {
    self.wakeup = try Wakeup()
  }

  func post(_ message: SupervisorMessage) {
    self.messages.withLock { $0.append(message) }
    self.wakeup.ring()
  }

  func take() -> [SupervisorMessage] {
    self.wakeup.hush()
    return self.messages.withLock { messages in
      var taken: [SupervisorMessage] = []
      swap(&taken, &messages)
      return taken
    }
  }
}
