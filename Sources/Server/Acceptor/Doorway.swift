internal import Gateway
internal import Platform
internal import Synchronization

/// A listening socket and the rights of what comes through it.
struct ServedListener: Sendable {
  let listener: Listener
  let role: ListenerRole
  let label: String
}

/// Carries the listeners to the acceptor's thread, which then is their only owner.
final class Doorway: Sendable {
  private let listeners: Mutex<[ServedListener]>

  init(_ listeners: [ServedListener]) {
    self.listeners = Mutex(listeners)
  }

  var labels: [String] {
    self.listeners.withLock { $0.map(\.label) }
  }

  func take() -> [ServedListener] {
    self.listeners.withLock { listeners in
      var taken: [ServedListener] = []
      swap(&taken, &listeners)
      return taken
    }
  }
}
