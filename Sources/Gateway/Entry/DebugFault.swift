package import Settings
package import Wire

/// A way to misbehave that an administrator may ask for, so that the supervision can be tried on a running daemon.
package enum DebugFault: String, Sendable, CaseIterable {
  /// The worker that serves the request never turns again.
  case wedgeWorker = "wedge-worker"
  /// It is held up in one system call, which a signal ends.
  case stallWorker = "stall-worker"
  case wedgeTwoWorkers = "wedge-two-workers"
  case wedgeAcceptor = "wedge-acceptor"
  /// What the compiler ends the process for: an overflow.
  case trap
  /// An access to memory that is not there.
  case segv
  /// An explicit end of the program.
  case fatalError = "fatal-error"

  private static let path = "/admin/fault/"

  /// The fault a request asks for; nil where nobody may ask, so that the path does not exist there.
  package static func asked(by head: RequestHead, on role: ListenerRole, _ settings: Settings) -> DebugFault?
  {
    guard settings.allowsDebugFaults, role == .admin, head.method == "POST", head.path.hasPrefix(Self.path)
    else { return nil }
    return DebugFault(rawValue: String(head.path.dropFirst(Self.path.count)))
  }
}
