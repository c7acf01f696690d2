/// How many tokens pieces seen lately had: texts repeat their words, and most words are one look-up then.
///
/// One place per hash, the newer piece wins. A place holds up to 15 bytes, their number and the count.
struct PieceMemory {
  private static let bits: UInt64 = 13

  private var places: [UInt64] = Array(repeating: 0, count: 2 << Int(PieceMemory.bits))

  /// A piece as a key: two words, the second with the length in its last byte.
  struct Key {
    static let maxBytes = 15
    /// What of a place's second word is the key's; the count stands above.
    static let mask: UInt64 = 0x0FFF_FFFF_FFFF_FFFF

    let low: UInt64
    let high: UInt64

    /// Nil for a piece that is too long, or so close to the text's end that a load would reach beyond.
    @inline(__always)
    init?(_ text: Span<UInt8>, from start: Int, to end: Int) {
      let count = end &- start
      guard count <= Self.maxBytes, start &+ 16 <= text.count else { return nil }
      let raw = unsafe text.bytes
      // In bounds: start + 16 <= count was just checked, and start >= 0.
      let low = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self)
      let high = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 8, as: UInt64.self)
      let bits = UInt64(truncatingIfNeeded: count) &* 8
      if count <= 8 {
        self.low = UInt64(littleEndian: low) & (UInt64.max &>> (64 &- bits))
        self.high = UInt64(truncatingIfNeeded: count) &<< 56
      } else {
        self.low = UInt64(littleEndian: low)
        let rest = UInt64(littleEndian: high) & (UInt64.max &>> (128 &- bits))
        self.high = rest | UInt64(truncatingIfNeeded: count) &<< 56
      }
    }

    /// The token the piece is by itself, `TokenTable.none` if it is none, and nil where the table cannot say at once.
    @inline(__always)
    func token(_ table: TokenTable) -> UInt32? {
      let count = self.high &>> 56
      guard count <= 7, self.low &>> (count &* 8 &- 8) != 0 else { return nil }
      return table.word(self.low)
    }

    /// One of as many places as so many bits count.
    @inline(__always)
    func place(bits: UInt64) -> Int {
      let mixed = (self.low ^ (self.high &* 0xC2B2_AE3D_27D4_EB4F)) &* 0x9E37_79B9_7F4A_7C15
      return Int(truncatingIfNeeded: mixed &>> (64 &- bits))
    }
  }

  /// The count of the piece; 0 when it is not known.
  @inline(__always)
  func count(_ key: Key) -> Int {
    let place = key.place(bits: Self.bits) &* 2
    let high = self.places[place &+ 1]
    guard self.places[place] == key.low, high & Key.mask == key.high else { return 0 }
    return Int(truncatingIfNeeded: high &>> 60)
  }

  @inline(__always)
  mutating func remember(_ key: Key, _ count: Int) {
    let place = key.place(bits: Self.bits) &* 2
    self.places[place] = key.low
    self.places[place &+ 1] = key.high | UInt64(truncatingIfNeeded: count) &<< 60
  }
}
