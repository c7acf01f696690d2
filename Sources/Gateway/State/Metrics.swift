/// Everything that is counted per request. Its labels are words of this program, so its size has a bound whatever is asked.
package struct Metrics: Sendable {
  /// Statuses that have a series of their own; the others are counted by their class.
  static let namedStatuses = [
    200, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 424, 429, 431, 499, 500, 501, 502, 503, 504, 529,
  ]

  package struct RouteTally: Sendable {
    /// By status, or by the hundred of one that has no name.
    package fileprivate(set) var statuses: [Int: UInt64] = [:]
    package fileprivate(set) var duration = Histogram()
    package fileprivate(set) var firstToken = Histogram()
  }

  package struct UpstreamTally: Sendable {
    /// In the order of `UpstreamOutcome.words`.
    package fileprivate(set) var outcomes = [UInt64](repeating: 0, count: UpstreamOutcome.words.count)
    package fileprivate(set) var tokens = TokenCounts()
    package fileprivate(set) var retries: UInt64 = 0
  }

  /// How streams ended.
  package struct StreamTally: Sendable, Equatable {
    package fileprivate(set) var complete: UInt64 = 0
    package fileprivate(set) var broken: UInt64 = 0
    package fileprivate(set) var abandoned: UInt64 = 0
  }

  package private(set) var routes: [String: RouteTally] = [:]
  package private(set) var upstreams: [UpstreamName: UpstreamTally] = [:]
  package private(set) var streams = StreamTally()
  package private(set) var dropped: UInt64 = 0
  package private(set) var changed: UInt64 = 0
  package private(set) var requestBytes: UInt64 = 0
  package private(set) var replyBytes: UInt64 = 0

  package init() {}

  package mutating func count(_ request: FinishedRequest) {
    self.routes[request.route?.word ?? "none", default: RouteTally()].count(request)
    self.requestBytes &+= UInt64(clamping: request.requestBytes)
    self.replyBytes &+= UInt64(clamping: request.replyBytes)
    self.dropped &+= UInt64(clamping: request.dropped)
    self.changed &+= UInt64(clamping: request.changed)
    guard let upstream = request.upstream else { return }
    self.upstreams[upstream, default: UpstreamTally()].count(request)
    if request.isStream { self.streams.count(request.outcome) }
  }

  static func label(ofStatus status: Int) -> Int {
    Self.namedStatuses.contains(status) ? status : min(max(status / 100, 0), 9)
  }
}

extension Metrics.RouteTally {
  fileprivate mutating func count(_ request: FinishedRequest) {
    self.statuses[Metrics.label(ofStatus: request.status), default: 0] &+= 1
    self.duration.add(microseconds: request.durationMicroseconds)
    if let first = request.firstTokenMicroseconds { self.firstToken.add(microseconds: first) }
  }
}

extension Metrics.UpstreamTally {
  fileprivate mutating func count(_ request: FinishedRequest) {
    if let outcome = request.outcome { self.outcomes[outcome.index] &+= 1 }
    self.retries &+= UInt64(clamping: request.retries)
    self.tokens.input &+= request.tokens.input
    self.tokens.output &+= request.tokens.output
    self.tokens.cacheRead &+= request.tokens.cacheRead
    self.tokens.cacheWrite &+= request.tokens.cacheWrite
  }
}

extension Metrics.StreamTally {
  fileprivate mutating func count(_ outcome: UpstreamOutcome?) {
    switch outcome {
    case .answered, nil: self.complete &+= 1
    case .abandoned: self.abandoned &+= 1
    case .unreachable, .timedOut, .broken: self.broken &+= 1
    }
  }
}
