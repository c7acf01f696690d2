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
  private let files: [SocketFile]

  /// `files` are those the daemon has made.
  init(_ listeners: [ServedListener], files: [SocketFile] = []) {
    self.listeners = Mutex(listeners)
    self.files = files
  }

  func removeFiles() {
    for file in self.files { file.remove() }
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
