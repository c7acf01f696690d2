internal import Platform
internal import Settings
internal import Synchronization

/// What other threads tell the discovery thread.
enum DiscoveryMessage: Sendable {
  case configured(Settings)
  /// A client's key that this upstream has just taken: used for one question and kept nowhere.
  case key(Secret, upstream: String)
  case end
}

/// The discovery thread's letter box.
final class DiscoveryInbox: Sendable {
  let wakeup: Wakeup
  /// Rings when the thread has ended.
  let ended: Wakeup
  private let messages = Mutex<[DiscoveryMessage]>([])

  init() throws(Errno) {
    self.wakeup = try Wakeup()
    self.ended = try Wakeup()
  }

  func post(_ message: DiscoveryMessage) {
    self.messages.withLock { $0.append(message) }
    self.wakeup.ring()
  }

  func take() -> [DiscoveryMessage] {
    self.wakeup.hush()
    return self.messages.withLock { messages in
      var taken: [DiscoveryMessage] = []
      swap(&taken, &messages)
      return taken
    }
  }
}
