/// Merges pieces of up to 63 bytes in one go, which nearly all are.
///
/// From left to right the longest token is tried that may stand behind the one before; where none may, the one before
/// is given up and never tried at that place again. What comes out is what merging pair by pair would: in either, any
/// two neighbours are tokens that merging leaves side by side, and there is only one such row.
struct ShortPiece {
  static let maxBytes = 63

  /// The tokens of the piece merged last are its first ones.
  private(set) var tokens: [UInt32] = Array(repeating: 0, count: ShortPiece.maxBytes + 1)

  /// How many tokens the piece is.
  @inline(__always)
  mutating func count(_ text: Span<UInt8>, from start: Int, to end: Int, _ table: TokenTable) -> Int {
    let whole = table.longest(in: text, from: start, to: end)
    if whole.count == end &- start {
      self.tokens[0] = whole.token
      return 1
    }
    return self.merge(text, start, end, whole, table)
  }

  private mutating func merge(
    _ text: Span<UInt8>, _ start: Int, _ end: Int, _ first: (token: UInt32, count: Int), _ table: TokenTable
  ) -> Int {
    // Where a token may still end, counted from the start.
    var open = UInt64.max
    var depth = 0
    var position = start
    var (token, count) = first
    while true {
      let after = position &+ count
      let mayEnd = after <= end && open &>> UInt64(after &- start) & 1 == 1
      if mayEnd, depth == 0 || table.mayMeet(self.tokens[depth &- 1], token) {
        self.tokens[depth] = token
        depth &+= 1
        position = after
        if position == end { return depth }
        (token, count) = table.longest(in: text, from: position, to: end)
      } else if let shorter = table.shortened(token) {
        (token, count) = shorter
      } else {
        // Only a damaged table leads here without a token before, or with one that is longer than the way here.
        guard depth > 0 else { return end &- start }
        open &= ~(1 &<< UInt64(position &- start))
        depth &-= 1
        token = self.tokens[depth]
        count = table.length(token)
        guard count <= position &- start else { return end &- start }
        position &-= count
      }
    }
  }
}
