/// Merges a short piece pair by pair, as the encoding is defined: for a few bytes that costs less than finding the
/// longest tokens, and all that is asked of the tables in the beginning is asked at once.
///
/// The tokens stand in slots, one a byte, between one in front and one behind that are never asked for. There are as
/// many slots as an index of five bits can name, so that no access needs to be checked.
struct DirectPiece {
  static let maxBytes = 16

  private typealias Slots = InlineArray<32, UInt32>

  private static let indexBits: UInt32 = 5
  private static let indices: UInt32 = 31
  /// What of a pair that never merges is left in front of its index.
  private static let none = TokenTable.none &<< indexBits

  private var tokens = Slots(repeating: 0)
  /// A bit for each slot where a token begins.
  private var open: UInt32
  private(set) var count: Int

  /// Up to 16 bytes.
  init(_ text: Span<UInt8>, from start: Int, to end: Int, _ table: TokenTable) {
    // What each token becomes with the one behind it, above its slot: the least is merged next.
    var pairs = Slots(repeating: .max)
    self.count = end &- start
    self.open = 4 &<< UInt32(truncatingIfNeeded: self.count) &- 1
    var before = text[start]
    self.tokens[1] = table.short(before)
    var slot: UInt32 = 1
    for index in (start &+ 1)..<end {
      let byte = text[index]
      pairs[Self.place(slot)] = table.short(before, byte) &<< Self.indexBits | slot
      slot &+= 1
      self.tokens[Self.place(slot)] = table.short(byte)
      before = byte
    }
    self.merge(&pairs, last: UInt32(truncatingIfNeeded: self.count), table)
  }

  @inline(__always)
  private static func place(_ slot: UInt32) -> Int { Int(slot & Self.indices) }

  @inline(__always)
  private mutating func merge(_ pairs: inout Slots, last: UInt32, _ table: TokenTable) {
    while true {
      let least = Self.least(pairs, last)
      guard least < Self.none else { return }
      let slot = least & Self.indices
      let token = least &>> Self.indexBits
      let behind = self.open & (~1 &<< slot)
      let next = behind & (0 &- behind)
      let following = UInt32(truncatingIfNeeded: (behind ^ next).trailingZeroBitCount)
      let left = 31 &- UInt32(truncatingIfNeeded: (self.open & (1 &<< slot &- 1)).leadingZeroBitCount)
      self.open ^= next
      self.count &-= 1
      self.tokens[Self.place(slot)] = token
      pairs[Self.place(UInt32(truncatingIfNeeded: next.trailingZeroBitCount))] = .max
      var pair = UInt32.max
      if following <= last {
        pair = table.merged(token, self.tokens[Self.place(following)]) &<< Self.indexBits | slot
      }
      pairs[Self.place(slot)] = pair
      guard left > 0 else { continue }
      pairs[Self.place(left)] =
        table.merged(self.tokens[Self.place(left)], token) &<< Self.indexBits | (left & Self.indices)
    }
  }

  /// The least of the pairs, four at a time: how many is the same for all steps of a piece.
  @inline(__always)
  private static func least(_ pairs: borrowing Slots, _ last: UInt32) -> UInt32 {
    var least = min(min(pairs[0], pairs[1]), min(pairs[2], pairs[3]))
    if last > 4 { least = min(least, min(min(pairs[4], pairs[5]), min(pairs[6], pairs[7]))) }
    if last > 8 { least = min(least, min(min(pairs[8], pairs[9]), min(pairs[10], pairs[11]))) }
    if last > 12 { least = min(least, min(min(pairs[12], pairs[13]), min(pairs[14], pairs[15]))) }
    return least
  }

  /// Puts the tokens into the row, which has room for them.
  @inline(__always)
  func list(into row: inout MutableSpan<UInt32>, at base: Int) {
    // Without the slots at both ends.
    var left = self.open & ~1
    for index in 0..<self.count {
      row[base &+ index] = self.tokens[left.trailingZeroBitCount & 31]
      left &= left &- 1
    }
  }
}
