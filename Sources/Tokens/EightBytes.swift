/// Eight bytes of a text at once: how many of them, from the first on, are of a kind.
struct EightBytes {
  private static let tops: UInt64 = 0x8080_8080_8080_8080
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  private let word: UInt64

  /// Nil so close to the limit that there are fewer; the limit is within the text.
  @inline(__always)
  init?(_ text: Span<UInt8>, at index: Int, limit: Int) {
    guard index &+ 8 <= limit, limit <= text.count else { return nil }
    let raw = unsafe text.bytes
    // In bounds: index + 8 <= limit <= count was just checked, and index >= 0.
    let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
    self.word = UInt64(littleEndian: word)
  }

  /// From a to z.
  @inline(__always)
  var small: Int { Self.leadingSmall(self.word) }

  /// From a to z and from A to Z.
  @inline(__always)
  var letters: Int {
    // The bit that makes small letters of capitals makes letters of nothing else but what is beyond ASCII.
    Self.leadingSmall(self.word | Self.ones &* 0x20)
  }

  @inline(__always)
  var spaces: Int { (self.word ^ Self.ones &* 0x20).trailingZeroBitCount &>> 3 }

  /// How many stand before the first backslash.
  @inline(__always)
  var beforeBackslash: Int { Self.leading(self.word, without: 0x5C) }

  @inline(__always)
  var beforeQuoteOrBackslash: Int {
    min(Self.leading(self.word, without: 0x5C), Self.leading(self.word, without: 0x22))
  }

  /// Puts all eight there.
  @inline(__always)
  func store(_ output: inout MutableSpan<UInt8>, at index: Int) {
    var raw = unsafe output.mutableBytes
    raw.storeBytes(of: self.word.littleEndian, toByteOffset: index, as: UInt64.self)
  }

  /// A borrow can only mark bytes behind a true hit. The byte looked for is ASCII.
  @inline(__always)
  private static func leading(_ word: UInt64, without byte: UInt64) -> Int {
    let marks = ((word ^ self.ones &* byte) &- self.ones) & ~word & self.tops
    return marks.trailingZeroBitCount &>> 3
  }

  @inline(__always)
  private static func leadingSmall(_ word: UInt64) -> Int {
    let bits = word & ~self.tops
    let fromA = bits &+ self.ones &* (0x80 - 0x61)
    let beyondZ = bits &+ self.ones &* (0x80 - 0x7B)
    return (~(fromA & ~beyondZ & ~word) & self.tops).trailingZeroBitCount &>> 3
  }
}
