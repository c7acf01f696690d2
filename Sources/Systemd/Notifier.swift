import CSystemd
import Glibc

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
    case errno(Int32)
  }

  package enum Outcome: Sendable, Equatable {
    case sent
    case notSupervised
    case failed(errno: Int32)
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
    let result = unsafe sd_notify(0, Self.text(of: assignments, monotonicMicroseconds: Self.now()))
    if result > 0 { return .sent }
    return result == 0 ? .notSupervised : .failed(errno: -result)
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
      case .errno(let code): text += "ERRNO=\(code)\n"
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

  private static func now() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000 &+ UInt64(time.tv_nsec) / 1_000
  }
}
