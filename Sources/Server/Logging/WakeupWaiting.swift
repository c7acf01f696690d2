internal import Glibc
internal import Platform

/// Waiting for a bell without an event loop, as the log thread and those who wait for it do.
extension Wakeup {
  /// Blocks until the bell rings.
  func wait() {
    while self.poll(milliseconds: -1) != .rang {}
  }

  /// Blocks at most that long; false when the bell did not ring.
  func isRung(withinMilliseconds milliseconds: Int) -> Bool {
    let deadline = Clock.monotonicMilliseconds() + UInt64(max(0, milliseconds))
    while true {
      let now = Clock.monotonicMilliseconds()
      switch self.poll(milliseconds: deadline > now ? Int32(clamping: deadline - now) : 0) {
      case .rang: return true
      case .timedOut: return false
      case .interrupted: continue
      }
    }
  }

  private enum Outcome {
    case rang
    case timedOut
    case interrupted
  }

  private func poll(milliseconds: Int32) -> Outcome {
    var interest = pollfd(fd: self.descriptor.raw, events: Int16(POLLIN), revents: 0)
    let count = unsafe Glibc.poll(&interest, 1, milliseconds)
    if count > 0 { return .rang }
    return count == 0 ? .timedOut : .interrupted
  }
}
