internal import CSystemd
package import Platform

/// Tells the service manager what state the daemon is in (`sd_notify(3)`).
package struct Notifier: Sendable {
  /// One line of a notification.
  package enum Assignment: Sendable, Equatable {
    case ready
    case status(String)
    /// Sends `MONOTONIC_USEC` with it, as newer managers ask for; older ones ignore it.
    case reloading
    case stopping
    case watchdog
    /// Asks for the named time from now on before a start, reload or stop counts as hung.
    case extendTimeout(microseconds: UInt64)
    /// The reason of a failure, for `systemctl status`.
    case failure(Errno)
  }

  package enum Outcome: Sendable, Equatable {
    case sent
    case notSupervised
    case failed(Errno)
  }

  /// Whether a manager listens: `NOTIFY_SOCKET` was set when the notifier was made.
  package let isSupervised: Bool

  package init() {
    self.isSupervised = ProcessEnvironment.value(of: "NOTIFY_SOCKET") != nil
  }

  /// Sends all assignments in one datagram, so that the manager acts on them together.
  @discardableResult
  package func send(_ assignments: Assignment...) -> Outcome {
    guard self.isSupervised else { return .notSupervised }
    let now = Clock.monotonicNanoseconds() / 1_000
    let result = unsafe sd_notify(0, Self.text(of: assignments, monotonicMicroseconds: now))
    if result > 0 { return .sent }
    return result == 0 ? .notSupervised : .failed(Errno(code: -result))
  }

  static func text(of assignments: [Assignment], monotonicMicroseconds: UInt64) -> String {
    var text = ""
    for assignment in assignments {
      switch assignment {
      case .ready: text += "READY=1\n"
      case .status(let status): text += "STATUS=\(self.oneLine(status))\n"
      case .reloading: text += "RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)\n"
      case .stopping: text += "STOPPING=1\n"
      case .watchdog: text += "WATCHDOG=1\n"
      case .extendTimeout(let microseconds): text += "EXTEND_TIMEOUT_USEC=\(microseconds)\n"
      case .failure(let errno): text += "ERRNO=\(errno.code)\n"
      }
    }
    return text
  }

  /// A line break in a status would begin an assignment of its own, a null byte would end the message.
  private static func oneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
