/// Something that waits for a moment.
package protocol DeadlineHandler: AnyObject {
  func deadlinePassed(_ deadline: Deadline)
}

/// One moment somebody waits for; made once, set and put off as often as wanted.
package final class Deadline {
  package static let never = UInt64.max

  weak var handler: (any DeadlineHandler)?
  /// Milliseconds of the monotonic clock, or `never`.
  package internal(set) var moment: UInt64 = Deadline.never
  /// Where on the wheel it lies, which may be earlier than `moment`: putting it off costs one store.
  var place: Int?
  /// Its position among those at that place.
  var index = 0

  package init(_ handler: any DeadlineHandler) {
    self.handler = handler
  }

  package func cancel() {
    self.moment = Self.never
  }
}
