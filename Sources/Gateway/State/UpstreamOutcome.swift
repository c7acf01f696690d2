/// What became of one exchange with an upstream, however many attempts it took.
package enum UpstreamOutcome: Sendable, Equatable {
  /// The upstream answered with this status, and its answer was whole.
  case answered(Int)
  /// No connection came about, or it broke before the head.
  case unreachable
  /// No first byte in time, or a pause that was too long.
  case timedOut
  /// The answer began and was not finished.
  case broken
  /// The client went away first: says nothing about the upstream.
  case abandoned

  /// Whether the upstream is to blame: what a breaker counts. Never a 4xx, which says that it is there.
  package var isFailure: Bool {
    switch self {
    case .answered(let status): status >= 500
    case .unreachable, .timedOut, .broken: true
    case .abandoned: false
    }
  }

  /// For the log and for a counter's label: one of a handful of words.
  package var word: String { Self.words[self.index] }

  static let words = [
    "ok", "client_error", "rate_limited", "server_error", "unreachable", "timeout", "broken", "abandoned",
  ]

  /// The place of its word.
  var index: Int {
    switch self {
    case .answered(429): 2
    case .answered(500...): 3
    case .answered(400...): 1
    case .answered: 0
    case .unreachable: 4
    case .timedOut: 5
    case .broken: 6
    case .abandoned: 7
    }
  }
}
