/// Finds, eight bytes at a time, where the content of a JSON string needs a closer look.
enum StringScan {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The first position at or after `start` of a quote, a backslash or a control character; `bytes.count` when
  /// there is none. `seen` gets every byte before it, and perhaps some behind.
  @inline(__always)
  static func contentEnd(_ bytes: Span<UInt8>, from start: Int, seen: inout UInt64) -> Int {
    var words: UInt64 = 0
    let end = self.advance(bytes, from: start) {
      words |= $0
      return self.special($0)
    }
    seen |= words
    return end
  }

  /// Whether a byte that is no ASCII is among those of a word.
  @inline(__always)
  static func isForeign(_ word: UInt64) -> Bool { word & self.highs != 0 }

  /// How many bytes are the same in both from there on.
  static func commonCount(
    _ left: Span<UInt8>, from leftStart: Int, _ right: Span<UInt8>, from rightStart: Int
  ) -> Int {
    let (one, other) = unsafe (left.bytes, right.bytes)
    let count = min(one.byteCount &- leftStart, other.byteCount &- rightStart)
    var index = 0
    while index &+ 8 <= count {
      // In bounds: index + 8 <= count, which both have left.
      let a = unsafe one.unsafeLoadUnaligned(fromUncheckedByteOffset: leftStart &+ index, as: UInt64.self)
      let b = unsafe other.unsafeLoadUnaligned(fromUncheckedByteOffset: rightStart &+ index, as: UInt64.self)
      if a != b { return index &+ UInt64(littleEndian: a ^ b).trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    while index < count, left[leftStart &+ index] == right[rightStart &+ index] { index &+= 1 }
    return index
  }

  /// Where the quote of a short and plain content is; nil for any other.
  @inline(__always)
  static func shortEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    let raw = unsafe bytes.bytes
    var index = start
    for _ in 0..<2 where index &+ 8 <= raw.byteCount {
      // In bounds: index + 8 <= count was just checked.
      let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let found = self.specialOrForeign(UInt64(littleEndian: word))
      if found != 0 {
        index &+= found.trailingZeroBitCount &>> 3
        return bytes[index] == 0x22 ? index : nil
      }
      index &+= 8
    }
    return nil
  }

  /// The first quote, backslash or control character at or after `start`.
  static func specialEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    self.advance(bytes, from: start) { self.special($0) }
  }

  /// Whether the bytes are those of the text, which has as many.
  static func isEqual(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
    let raw = unsafe bytes.bytes
    let count = raw.byteCount
    let other = unsafe UnsafeRawPointer(text.utf8Start)
    guard count == text.utf8CodeUnitCount else { return false }
    if count >= 8 {
      // The last word may overlap the one before; all loads end at the count at most.
      var index = 0
      while true {
        let left = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
        guard unsafe left == other.loadUnaligned(fromByteOffset: index, as: UInt64.self) else { return false }
        if index == count &- 8 { return true }
        index = min(index &+ 8, count &- 8)
      }
    }
    if count >= 4 {
      // All loads end at the count at most.
      let left = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self)
      let last = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: count &- 4, as: UInt32.self)
      return unsafe left == other.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
        && last == other.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
    }
    for index in 0..<count {
      // In bounds: both counts are equal.
      if unsafe bytes[index] != text.utf8Start[index] { return false }
    }
    return true
  }

  /// The first byte of which `hits` has the high bit, in a word that holds it and seven more; the last seven
  /// bytes are looked at in a word filled up with letters.
  @inline(__always)
  private static func advance(_ bytes: Span<UInt8>, from start: Int, _ hits: (UInt64) -> UInt64) -> Int {
    let raw = unsafe bytes.bytes
    let count = raw.byteCount
    var index = start
    var clean = 0
    while index &+ 8 <= count {
      // In bounds: index + 8 <= count was just checked, and index never decreases from start >= 0.
      let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let found = hits(UInt64(littleEndian: word))
      if found != 0 { return index &+ (found.trailingZeroBitCount &>> 3) }
      index &+= 8
      clean &+= 1
      // Base64 images are megabytes of this; in prose with accents it would not pay.
      guard clean >= 8 else { continue }
      while index &+ 32 <= count {
        // In bounds as above.
        let a = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
        let b = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &+ 8, as: UInt64.self)
        let c = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &+ 16, as: UInt64.self)
        let d = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &+ 24, as: UInt64.self)
        if (hits(a) | hits(b) | hits(c) | hits(d)) != 0 { break }
        index &+= 32
      }
      clean = 0
    }
    while index < count {
      if hits(UInt64(bytes[index]) | 0x6161_6161_6161_6100) != 0 { return index }
      index &+= 1
    }
    return count
  }

  /// High bits mark quotes, backslashes, control characters and all that is not ASCII. A borrow can mark bytes
  /// above a true hit, never below: the lowest is exact.
  @inline(__always)
  private static func specialOrForeign(_ word: UInt64) -> UInt64 {
    let control = word &- (self.ones &* 0x20)
    let quote = (word ^ (self.ones &* 0x22)) &- self.ones
    let backslash = (word ^ (self.ones &* 0x5C)) &- self.ones
    return (control | quote | backslash | word) & self.highs
  }

  /// The same without what is not ASCII.
  @inline(__always)
  private static func special(_ word: UInt64) -> UInt64 {
    let control = word &- (self.ones &* 0x20)
    let quote = (word ^ (self.ones &* 0x22)) &- self.ones
    let backslash = (word ^ (self.ones &* 0x5C)) &- self.ones
    return (control | quote | backslash) & ~word & self.highs
  }
}
