/// Merges a piece of any length, a bounded number of steps at a time; otherwise like `ShortPiece`.
///
/// A place that was given up stays so: there are at most twice as many steps as bytes, each of which tries no more
/// tokens than the longest one has prefixes.
struct LongPiece {
  private(set) var isOpen = false
  private(set) var tokens: [UInt32] = []
  /// Where a token may still end, counted from the start.
  private var open: [UInt64] = []
  private var start = 0
  private var end = 0
  private var position = 0
  private var token: UInt32 = 0
  private var count = 0

  /// Turns to another piece; the storage stays.
  mutating func begin(_ text: Span<UInt8>, from start: Int, to end: Int, _ table: TokenTable) {
    self.isOpen = true
    self.tokens.removeAll(keepingCapacity: true)
    self.open.removeAll(keepingCapacity: true)
    self.open.append(contentsOf: repeatElement(.max, count: (end &- start) / 64 &+ 1))
    self.start = start
    self.end = end
    self.position = start
    (self.token, self.count) = table.longest(in: text, from: start, to: end)
  }

  /// True when it is done; `steps` is what is left of what it was given.
  mutating func advance(_ text: Span<UInt8>, _ table: TokenTable, steps: inout Int) -> Bool {
    while steps > 0 {
      steps &-= 1
      let after = self.position &+ self.count
      if after <= self.end, self.mayEnd(after &- self.start), self.mayFollow(table) {
        self.tokens.append(self.token)
        self.position = after
        if after == self.end { return self.close() }
        (self.token, self.count) = table.longest(in: text, from: after, to: self.end)
      } else if let shorter = table.shortened(self.token) {
        (self.token, self.count) = shorter
      } else {
        // Only a damaged table leads here without a token before, or with one that is longer than the way here.
        let offset = self.position &- self.start
        guard let last = self.tokens.popLast(), table.length(last) <= offset else { return self.close() }
        self.open[offset / 64] &= ~(1 &<< UInt64(offset % 64))
        self.token = last
        self.count = table.length(last)
        self.position &-= self.count
      }
    }
    return false
  }

  private mutating func close() -> Bool {
    self.isOpen = false
    return true
  }

  private func mayEnd(_ offset: Int) -> Bool { self.open[offset / 64] &>> UInt64(offset % 64) & 1 == 1 }

  private func mayFollow(_ table: TokenTable) -> Bool {
    guard let last = self.tokens.last else { return true }
    return table.mayMeet(last, self.token)
  }
}
