/// How many requests one worker has in flight, and who waits for one of them to end, in order of arrival.
///
/// Waiters are let in at the end of the loop's turn only: a request that ends at once would otherwise let the next one in from
/// within its own end, a stack frame for each. They are known by their connections' numbers, so that one who leaves keeps nothing
/// open; its place is passed over when it comes up.
struct Turnstile {
  private let capacity: Int
  private(set) var inside = 0
  /// Waiters that have not left meanwhile.
  private(set) var waiting = 0
  private var queue: [UInt64] = []
  private var next = 0

  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  mutating func enter(_ serial: UInt64) -> Bool {
    guard self.inside < self.capacity, self.waiting == 0 else {
      self.queue.append(serial)
      self.waiting += 1
      return false
    }
    self.inside += 1
    return true
  }

  mutating func leave() {
    self.inside -= 1
  }

  mutating func waiterLeft() {
    self.waiting -= 1
  }

  /// Who comes up next; nil when nobody waits or nobody may come in.
  mutating func callNext() -> UInt64? {
    guard self.waiting > 0, self.next < self.queue.count else {
      self.queue.removeAll(keepingCapacity: self.queue.capacity <= 64)
      self.next = 0
      return nil
    }
    guard self.inside < self.capacity else { return nil }
    let serial = self.queue[self.next]
    self.next += 1
    // Places that were called or left are dropped when they are most of the queue, so that each is moved once on average.
    if self.next >= 64, self.next * 2 > self.queue.count {
      self.queue.removeFirst(self.next)
      self.next = 0
    }
    return serial
  }

  /// The one called is still there and goes in.
  mutating func waiterEntered() {
    self.waiting -= 1
    self.inside += 1
  }
}
