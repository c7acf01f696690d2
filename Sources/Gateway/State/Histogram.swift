/// How often something took how long, in fixed steps.
package struct Histogram: Sendable, Equatable {
  /// Upper bounds in microseconds: from a page out of memory to the longest generation.
  package static let boundsMicroseconds: [UInt64] = [
    5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
    30_000_000, 60_000_000, 120_000_000, 300_000_000, 600_000_000,
  ]

  /// One more than bounds: the last is for what took longer than all of them.
  private var counts = [UInt64](repeating: 0, count: Self.boundsMicroseconds.count + 1)
  package private(set) var sumMicroseconds: UInt64 = 0

  package init() {}

  package mutating func add(microseconds: UInt64) {
    let place = Self.boundsMicroseconds.firstIndex { microseconds <= $0 } ?? Self.boundsMicroseconds.count
    self.counts[place] &+= 1
    self.sumMicroseconds = self.sumMicroseconds &+ microseconds
  }

  package var count: UInt64 { self.counts.reduce(0, &+) }

  /// How many took at most as long as each bound, and, last, all.
  package var cumulative: [UInt64] {
    var sum: UInt64 = 0
    return self.counts.map { count in
      sum = sum &+ count
      return sum
    }
  }
}
