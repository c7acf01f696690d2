internal import CSystemd

/// What `WatchdogSec=` of the unit demands of this process.
package enum Watchdog {
  /// Longest time between two `WATCHDOG=1` before the manager aborts us; nil when nobody watches.
  ///
  /// Ping at half of it or sooner.
  package static func intervalMicroseconds() -> UInt64? {
    var interval: UInt64 = 0
    return unsafe sd_watchdog_enabled(0, &interval) > 0 ? interval : nil
  }
}
