internal import Platform
internal import Pool
internal import Synchronization

/// What other threads tell the acceptor.
enum AcceptorMessage: Sendable {
  /// New connections go to these workers from now on; none: nothing is accepted. The supervisor is told when it is so.
  case feed([WorkerHandle])
  /// Connections that another worker had.
  case connections([ClientSocket])
  case roomAppeared
  /// A debug fault: fall silent.
  case wedge
  case end
}

/// The acceptor's letter box, and its sign of life.
final class AcceptorInbox: Sendable {
  let wakeup: Wakeup
  private let messages = Mutex<[AcceptorMessage]>([])
  private let beatMilliseconds: Atomic<UInt64>

  init(now: UInt64) throws(Errno) {
    self.wakeup = try Wakeup()
    self.beatMilliseconds = Atomic(now)
  }

  var lastBeat: UInt64 { self.beatMilliseconds.load(ordering: .relaxed) }

  func beat(now: UInt64) {
    self.beatMilliseconds.store(now, ordering: .relaxed)
  }

  func post(_ message: AcceptorMessage) {
    self.messages.withLock { $0.append(message) }
    self.wakeup.ring()
  }

  func take() -> [AcceptorMessage] {
    self.wakeup.hush()
    return self.messages.withLock { messages in
      var taken: [AcceptorMessage] = []
      swap(&taken, &messages)
      return taken
    }
  }
}
