/// Merges pieces of up to 63 bytes in one go, which nearly all are.
///
/// Most are tokens by themselves, most others so short that they are merged pair by pair (`DirectPiece`).
enum ShortPiece {
  static let maxBytes = 63

  /// How many tokens the piece is; they are put into the row, which has room for one more than 63 behind `base`.
  @inline(__always)
  static func merge(
    _ text: Span<UInt8>, from start: Int, to end: Int, _ key: PieceMemory.Key?, _ table: TokenTable,
    into row: inout MutableSpan<UInt32>, at base: Int
  ) -> Int {
    if let key, let token = key.token(table) {
      guard token == TokenTable.none else {
        row[base] = token
        return 1
      }
    } else {
      let whole = table.longest(in: text, from: start, to: end)
      guard whole.count < end &- start else {
        row[base] = whole.token
        return 1
      }
      guard end &- start <= DirectPiece.maxBytes else {
        return self.merge(text, start, end, whole, table, &row, base)
      }
    }
    return self.mergeDirectly(text, start, end, table, &row, base)
  }

  @inline(never)
  private static func mergeDirectly(
    _ text: Span<UInt8>, _ start: Int, _ end: Int, _ table: TokenTable, _ row: inout MutableSpan<UInt32>,
    _ base: Int
  ) -> Int {
    let piece = DirectPiece(text, from: start, to: end, table)
    piece.list(into: &row, at: base)
    return piece.count
  }

  /// From left to right the longest token is tried that may stand behind the one before; where none may, the one
  /// before is given up and never tried at that place again. What comes out is what merging pair by pair would: in
  /// either, any two neighbours are tokens that merging leaves side by side, and there is only one such row.
  @inline(never)
  private static func merge(
    _ text: Span<UInt8>, _ start: Int, _ end: Int, _ first: (token: UInt32, count: Int), _ table: TokenTable,
    _ row: inout MutableSpan<UInt32>, _ base: Int
  ) -> Int {
    // Where a token may still end, counted from the start.
    var open = UInt64.max
    var depth = 0
    var position = start
    var (token, count) = first
    while true {
      let after = position &+ count
      let mayEnd = after <= end && open &>> UInt64(after &- start) & 1 == 1
      if mayEnd, depth == 0 || table.mayMeet(row[base &+ depth &- 1], token) {
        row[base &+ depth] = token
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
        token = row[base &+ depth]
        count = table.length(token)
        guard count <= position &- start else { return end &- start }
        position &-= count
      }
    }
  }
}
