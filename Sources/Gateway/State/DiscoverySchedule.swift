/// When a backend is asked for its models: at once under a new configuration, then every minute, one question at a time.
///
/// Time is a monotonic clock's, in milliseconds.
package struct DiscoverySchedule: Sendable {
  package static let intervalMilliseconds: UInt64 = 60_000
  package static let patienceMilliseconds: UInt64 = 30_000

  package enum Due: Sendable, Equatable {
    case nothing
    case ask
    /// The question that is out has had its time.
    case giveUp
  }

  /// nil: there is nobody to ask.
  private var askAt: UInt64?
  /// Of the question that is out.
  private var deadline: UInt64?

  package init() {}

  package var isAsking: Bool { self.deadline != nil }

  /// What was asked under the old configuration is forgotten.
  package mutating func configured(hasBackend: Bool, now: UInt64) {
    self.deadline = nil
    self.askAt = hasBackend ? now : nil
  }

  package func due(now: UInt64) -> Due {
    if let deadline = self.deadline { return deadline <= now ? .giveUp : .nothing }
    guard let askAt = self.askAt else { return .nothing }
    return askAt <= now ? .ask : .nothing
  }

  /// A question goes out; the next is counted from here, however this one ends.
  package mutating func asked(now: UInt64) {
    self.askAt = now &+ Self.intervalMilliseconds
    self.deadline = now &+ Self.patienceMilliseconds
  }

  package mutating func ended() { self.deadline = nil }

  /// nil: nothing will be due by itself.
  package func millisecondsUntilDue(from now: UInt64) -> UInt64? {
    guard let moment = self.deadline ?? self.askAt else { return nil }
    return moment > now ? moment - now : 0
  }
}
