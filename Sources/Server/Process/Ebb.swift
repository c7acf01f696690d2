/// Knows when a burst of requests is over: what it has left in the allocator is then worth giving back to the kernel.
struct Ebb {
  /// What fewer requests leave behind, the next ones need again.
  private static let worthwhile = 64

  private var mostInFlight = 0

  /// True once after each burst, when nobody waits for anything.
  mutating func hasCome(inFlight: Int) -> Bool {
    self.mostInFlight = max(self.mostInFlight, inFlight)
    guard inFlight == 0, self.mostInFlight >= Self.worthwhile else { return false }
    self.mostInFlight = 0
    return true
  }
}
