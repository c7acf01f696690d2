/// The tokens of pieces seen lately, for whoever wants them themselves: `PieceMemory` with the tokens in it.
///
/// A place has the piece, its count and up to six tokens of 18 bits in two words.
struct RowMemory {
  /// Pieces of more tokens are not remembered.
  static let maxTokens = 6
  private static let bits: UInt64 = 13
  private static let wordsPerPlace = 4

  private var places: [UInt64] = Array(repeating: 0, count: wordsPerPlace << Int(bits))

  /// Puts the piece's tokens into the row, which has room for six; says how many they are, 0 when it is not known.
  @inline(__always)
  func recall(_ key: PieceMemory.Key, into row: inout MutableSpan<UInt32>, at base: Int) -> Int {
    let place = self.place(key)
    let high = self.places[place &+ 1]
    guard self.places[place] == key.low, high & PieceMemory.Key.mask == key.high else { return 0 }
    Self.unpack(self.places[place &+ 2], into: &row, at: base)
    let count = Int(truncatingIfNeeded: high &>> 60)
    if count > 3 { Self.unpack(self.places[place &+ 3], into: &row, at: base &+ 3) }
    return count
  }

  @inline(__always)
  mutating func remember(
    _ key: PieceMemory.Key, _ row: borrowing MutableSpan<UInt32>, at base: Int, _ count: Int
  ) {
    guard count <= Self.maxTokens else { return }
    let place = self.place(key)
    self.places[place] = key.low
    self.places[place &+ 1] = key.high | UInt64(truncatingIfNeeded: count) &<< 60
    self.places[place &+ 2] = Self.packed(row, at: base)
    self.places[place &+ 3] = Self.packed(row, at: base &+ 3)
  }

  @inline(__always)
  private func place(_ key: PieceMemory.Key) -> Int { key.place(bits: Self.bits) &* Self.wordsPerPlace }

  @inline(__always)
  private static func unpack(_ word: UInt64, into row: inout MutableSpan<UInt32>, at base: Int) {
    row[base] = UInt32(truncatingIfNeeded: word) & 0x3FFFF
    row[base &+ 1] = UInt32(truncatingIfNeeded: word &>> 18) & 0x3FFFF
    row[base &+ 2] = UInt32(truncatingIfNeeded: word &>> 36) & 0x3FFFF
  }

  @inline(__always)
  private static func packed(_ row: borrowing MutableSpan<UInt32>, at base: Int) -> UInt64 {
    UInt64(row[base]) | UInt64(row[base &+ 1]) &<< 18 | UInt64(row[base &+ 2]) &<< 36
  }
}
