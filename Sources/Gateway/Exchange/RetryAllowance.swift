package import Wire

/// How often a request may go out again, and when.
package struct RetryAllowance: Sendable, Equatable {
  /// A longer wait is the client's own to decide on.
  private static let longestWaitMilliseconds = 5_000
  private static let firstWaitMilliseconds = 500

  package private(set) var left: Int
  /// Whether an answer may be a reason, and not only a connection that never came about.
  package let coversStatuses: Bool
  private var used = 0

  package init(_ count: Int, coversStatuses: Bool) {
    self.left = count
    self.coversStatuses = coversStatuses
  }

  package static let none = RetryAllowance(0, coversStatuses: false)

  /// Milliseconds to wait before the next attempt; nil: there is none.
  package mutating func waitAfter(_ head: ResponseHead) -> Int? {
    guard self.coversStatuses, self.left > 0, Self.isWorthIt(head) else { return nil }
    if let wanted = Self.wantedWait(head.fields) {
      guard wanted <= Self.longestWaitMilliseconds else { return nil }
      return self.take(wanted)
    }
    return self.take(self.usualWait)
  }

  /// The connection to the upstream did not come about.
  package mutating func waitAfterConnecting() -> Int? {
    guard self.left > 0 else { return nil }
    return self.take(self.usualWait)
  }

  private mutating func take(_ milliseconds: Int) -> Int {
    self.left -= 1
    self.used += 1
    return milliseconds
  }

  /// Twice as long each time.
  private var usualWait: Int {
    min(Self.longestWaitMilliseconds, Self.firstWaitMilliseconds << min(self.used, 4))
  }

  private static func isWorthIt(_ head: ResponseHead) -> Bool {
    switch head.fields.value(of: "x-should-retry") {
    case "true": return true
    case "false": return false
    default: break
    }
    switch head.status {
    case 408, 409, 429, 500...599: return true
    default: return false
    }
  }

  /// What the upstream asks for, in milliseconds. A date is far enough away to be the client's business.
  private static func wantedWait(_ fields: HeaderFields) -> Int? {
    if let text = fields.value(of: "retry-after-ms"), let wait = Double(text), wait >= 0, wait < 1e9 {
      return Int(wait.rounded(.up))
    }
    guard let text = fields.value(of: "retry-after") else { return nil }
    guard let seconds = Double(text), seconds >= 0, seconds < 1e6 else { return Int.max }
    return Int((seconds * 1000).rounded(.up))
  }
}
