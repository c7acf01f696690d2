/// How many requests one worker has in flight, and who waits for one of them to end, in order of arrival.
///
/// Waiters are served from the end of the loop's turn only: a request that ends at once would otherwise let the next one in from
/// within its own end, a stack frame for each.
struct Turnstile {
  private let capacity: Int
  private(set) var inside = 0
  private var queue: [Connection] = []
  private var next = 0
  /// Waiters that have not left meanwhile.
  private(set) var waiting = 0

  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  mutating func enter(_ connection: Connection) -> Bool {
    guard self.inside < self.capacity, self.waiting == 0 else {
      self.queue.append(connection)
      self.waiting += 1
      return false
    }
    self.inside += 1
    return true
  }

  mutating func leave() {
    self.inside -= 1
  }

  /// A waiter's connection has gone. Its place is passed over when it comes up.
  mutating func waiterLeft() {
    self.waiting -= 1
    if self.waiting == 0 { self.clear() }
  }

  /// Lets the longest waiting one in; nil when nobody waits or nobody may come in.
  mutating func letNextIn() -> Connection? {
    while self.inside < self.capacity, self.waiting > 0, self.next < self.queue.count {
      let candidate = self.queue[self.next]
      self.next += 1
      guard candidate.isWaiting else { continue }
      self.waiting -= 1
      self.inside += 1
      if self.waiting == 0 { self.clear() }
      return candidate
    }
    return nil
  }

  private mutating func clear() {
    self.queue.removeAll(keepingCapacity: self.queue.capacity <= 64)
    self.next = 0
  }
}
