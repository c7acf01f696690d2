/// The deadlines of one thread, found again in steps of 16 ms.
///
/// A deadline that is put off stays where it lies; the wheel moves it when it comes by. So the idle timer of a stream, put
/// off with each event, costs one store an event.
package final class TimerWheel {
  private static let stepMilliseconds: UInt64 = 16
  private static let places = 2048

  private var wheel: [[Deadline]] = Array(repeating: [], count: TimerWheel.places)
  private var occupied: [UInt64] = Array(repeating: 0, count: TimerWheel.places / 64)
  /// The first step that has not been fired.
  private var step: UInt64
  private var waiting = 0

  package init(now: UInt64) {
    self.step = now / Self.stepMilliseconds
  }

  package func set(_ deadline: Deadline, at moment: UInt64) {
    let isEarlier = moment < deadline.moment
    let wasCancelled = deadline.moment == Deadline.never
    deadline.moment = moment
    if let place = deadline.place {
      // Later than where it lies: found there, and moved then. A cancelled one lies at its old place.
      guard isEarlier else { return }
      if wasCancelled && !self.lies(place, laterThan: moment) { return }
      self.lift(deadline, from: place)
    }
    self.lay(deadline)
  }

  /// Takes a deadline out at once: for one that goes before its moment, which else would lie here until the wheel comes by.
  package func remove(_ deadline: Deadline) {
    deadline.cancel()
    if let place = deadline.place { self.lift(deadline, from: place) }
  }

  /// How long a wait may last before `fire` has something to do; nil: for ever.
  package func millisecondsUntilNext(from now: UInt64) -> UInt64? {
    guard self.waiting > 0 else { return nil }
    let due = (self.step + self.stepsToNextOccupied() + 1) * Self.stepMilliseconds
    return due > now ? due - now : 0
  }

  /// Calls the handlers of all deadlines that have passed.
  package func fire(now: UInt64) {
    let target = now / Self.stepMilliseconds
    guard self.waiting > 0, target > self.step else {
      self.step = max(self.step, target)
      return
    }
    // A thread that slept longer than one turn of the wheel looks at each place once.
    if target - self.step > UInt64(Self.places) { self.step = target - UInt64(Self.places) }
    while self.step < target {
      let place = Int(self.step % UInt64(Self.places))
      self.step += 1
      for deadline in self.take(place) { self.settle(deadline, now: now) }
    }
  }

  private func settle(_ deadline: Deadline, now: UInt64) {
    // A handler called just before may have set this one again, and so have laid it.
    guard deadline.moment != Deadline.never, deadline.place == nil else { return }
    if deadline.moment > now {
      self.lay(deadline)
    } else {
      deadline.moment = Deadline.never
      deadline.handler?.deadlinePassed(deadline)
    }
  }

  private func lay(_ deadline: Deadline) {
    // Never on a place that has been fired, and never so far ahead that it would come round too early to matter.
    let furthest = self.step + UInt64(Self.places) - 1
    let step = min(max(deadline.moment / Self.stepMilliseconds, self.step), furthest)
    let place = Int(step % UInt64(Self.places))
    deadline.place = place
    deadline.index = self.wheel[place].count
    self.wheel[place].append(deadline)
    self.occupied[place / 64] |= 1 << UInt64(place % 64)
    self.waiting += 1
  }

  private func lift(_ deadline: Deadline, from place: Int) {
    let last = self.wheel[place].count - 1
    guard deadline.index <= last, self.wheel[place][deadline.index] === deadline else {
      bug("a deadline does not lie where it says")
    }
    self.wheel[place].swapAt(deadline.index, last)
    self.wheel[place][deadline.index].index = deadline.index
    self.wheel[place].removeLast()
    self.waiting -= 1
    deadline.place = nil
    if self.wheel[place].isEmpty { self.occupied[place / 64] &= ~(1 << UInt64(place % 64)) }
  }

  private func take(_ place: Int) -> [Deadline] {
    guard self.occupied[place / 64] & (1 << UInt64(place % 64)) != 0 else { return [] }
    var found: [Deadline] = []
    swap(&found, &self.wheel[place])
    self.occupied[place / 64] &= ~(1 << UInt64(place % 64))
    self.waiting -= found.count
    for deadline in found { deadline.place = nil }
    return found
  }

  /// Whether the wheel comes to `place` only after `moment`.
  private func lies(_ place: Int, laterThan moment: UInt64) -> Bool {
    let now = Int(self.step % UInt64(Self.places))
    let ahead = UInt64((place - now + Self.places) % Self.places)
    return self.step + ahead > moment / Self.stepMilliseconds
  }

  private func stepsToNextOccupied() -> UInt64 {
    let start = Int(self.step % UInt64(Self.places))
    var ahead = 0
    while ahead < Self.places {
      let place = (start + ahead) % Self.places
      let word = self.occupied[place / 64] >> UInt64(place % 64)
      if word != 0 { return UInt64(ahead + word.trailingZeroBitCount) }
      ahead += 64 - place % 64
    }
    return UInt64(Self.places)
  }
}
