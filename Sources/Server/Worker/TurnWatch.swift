internal import Platform

/// Notes turns of a worker's loop that keep everybody else waiting, and says so now and then.
struct TurnWatch {
  private static let slowMilliseconds: UInt64 = 100
  private static let pauseMilliseconds: UInt64 = 10_000

  /// What the worker began last, for whoever looks for the cause.
  var lastRequest = ""
  private var nextReport: UInt64 = 0
  private var unreported = 0

  mutating func ended(at now: UInt64, begun: UInt64, _ log: Logger) {
    let took = now - min(now, begun)
    guard took > Self.slowMilliseconds else { return }
    self.unreported += 1
    guard now >= self.nextReport else { return }
    let more = self.unreported > 1 ? " (and \(self.unreported - 1) slow ones since the last report)" : ""
    let last = self.lastRequest.isEmpty ? "no request yet" : "its last request was \(self.lastRequest)"
    log.warning("slow turn: \(took) ms in which other requests waited; \(last)\(more)")
    self.nextReport = now + Self.pauseMilliseconds
    self.unreported = 0
  }
}
