internal import Synchronization

/// Whether the daemon is on its way out, for every thread to see at once.
final class Lifecycle: Sendable {
  private let stopping = Atomic<Bool>(false)

  var isStopping: Bool { self.stopping.load(ordering: .relaxed) }

  func stop() {
    self.stopping.store(true, ordering: .relaxed)
  }
}
