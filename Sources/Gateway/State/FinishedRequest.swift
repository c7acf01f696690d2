package import Dialogue

/// Tokens as an answer reported them.
package struct TokenCounts: Sendable, Equatable {
  /// Neither read from a cache nor written to one.
  package var input: UInt64 = 0
  package var output: UInt64 = 0
  package var cacheRead: UInt64 = 0
  package var cacheWrite: UInt64 = 0

  package init() {}

  package init(_ usage: Usage?) {
    guard let usage else { return }
    self.input = UInt64(clamping: usage.input)
    self.output = UInt64(clamping: usage.output)
    self.cacheRead = UInt64(clamping: usage.cacheRead)
    self.cacheWrite = UInt64(clamping: usage.cacheWrite)
  }
}

/// What the counters want to know of a request when it is over. Nothing of it comes from a client's mouth, so no client can
/// make up a label.
package struct FinishedRequest: Sendable {
  /// nil: what was no request of any route.
  package var route: Route?
  package var status = 0
  package var durationMicroseconds: UInt64 = 0
  /// From the request's first byte to the first of the answer, if an upstream answered.
  package var firstTokenMicroseconds: UInt64?
  package var upstream: UpstreamName?
  package var outcome: UpstreamOutcome?
  package var isStream = false
  package var tokens = TokenCounts()
  package var dropped = 0
  package var changed = 0
  /// Attempts beyond the first.
  package var retries = 0
  package var requestBytes = 0
  package var replyBytes = 0

  package init(route: Route?, status: Int) {
    self.route = route
    self.status = status
  }
}
