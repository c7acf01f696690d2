internal import Glibc

/// The two clocks of the daemon: one that never jumps, for deadlines, and the one people read.
package enum Clock {
  package static func monotonicNanoseconds() -> UInt64 {
    Self.read(CLOCK_MONOTONIC)
  }

  package static func monotonicMilliseconds() -> UInt64 {
    Self.read(CLOCK_MONOTONIC) / 1_000_000
  }

  package static func wallNanoseconds() -> UInt64 {
    Self.read(CLOCK_REALTIME)
  }

  package static func wallSeconds() -> Int {
    Int(Self.read(CLOCK_REALTIME) / 1_000_000_000)
  }

  /// How far local time is ahead of UTC at that moment.
  package static func localOffsetSeconds(at wallSeconds: Int) -> Int {
    var seconds = time_t(wallSeconds)
    var parts = unsafe tm()
    guard unsafe localtime_r(&seconds, &parts) != nil else { return 0 }
    return unsafe Int(parts.tm_gmtoff)
  }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var now = timespec()
    _ = unsafe clock_gettime(clock, &now)
    return UInt64(max(0, now.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, now.tv_nsec))
  }
}
