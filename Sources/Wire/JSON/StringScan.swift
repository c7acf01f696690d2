/// Finds, eight bytes at a time, the end of a run that a JSON string may hold as it is.
enum StringScan {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The first position at or after `start` that holds a quote, a backslash, a control character or the
  /// start of a non-ASCII scalar; `bytes.count` when there is none.
  @inline(__always)
  static func plainEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let raw = unsafe bytes.bytes
    let count = raw.byteCount
    var index = start
    // Text with escapes or many non-ASCII scalars has short runs: two words first.
    for _ in 0..<2 where index &+ 8 <= count {
      // In bounds: just checked.
      let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let hits = self.special(UInt64(littleEndian: word))
      if hits != 0 { return index &+ (hits.trailingZeroBitCount &>> 3) }
      index &+= 8
    }
    return self.longPlainEnd(bytes, from: index)
  }

  /// 32 bytes a turn while nothing special shows: base64 images are megabytes of this.
  private static func longPlainEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let raw = unsafe bytes.bytes
    let count = raw.byteCount
    var index = start
    while index &+ 32 <= count {
      // In bounds: index + 32 <= count was just checked, and index never decreases from start >= 0.
      let a = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let b = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &+ 8, as: UInt64.self)
      let c = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &+ 16, as: UInt64.self)
      let d = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &+ 24, as: UInt64.self)
      if (self.special(a) | self.special(b) | self.special(c) | self.special(d)) != 0 { break }
      index &+= 32
    }
    while index &+ 8 <= count {
      let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let hits = self.special(UInt64(littleEndian: word))
      if hits != 0 { return index &+ (hits.trailingZeroBitCount &>> 3) }
      index &+= 8
    }
    while index < count {
      let byte = bytes[index]
      if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { return index }
      index &+= 1
    }
    return count
  }

  /// High bits mark special bytes. A borrow can mark bytes above a true hit, never below: the lowest is exact.
  @inline(__always)
  private static func special(_ word: UInt64) -> UInt64 {
    let control = word &- (self.ones &* 0x20)
    let quote = (word ^ (self.ones &* 0x22)) &- self.ones
    let backslash = (word ^ (self.ones &* 0x5C)) &- self.ones
    return (control | quote | backslash | word) & self.highs
  }

  /// The length of the well-formed UTF-8 sequence at `index` (Unicode 15, table 3-7), or 0.
  @inline(__always)
  static func sequenceLength(_ bytes: Span<UInt8>, at index: Int) -> Int {
    let left = bytes.count - index
    guard left >= 2 else { return 0 }
    let first = bytes[index]
    let second = bytes[index + 1]
    switch first {
    case 0xC2...0xDF:
      return second & 0xC0 == 0x80 ? 2 : 0
    case 0xE0...0xEF:
      guard left >= 3, bytes[index + 2] & 0xC0 == 0x80 else { return 0 }
      let low: UInt8 = first == 0xE0 ? 0xA0 : 0x80
      let high: UInt8 = first == 0xED ? 0x9F : 0xBF
      return second >= low && second <= high ? 3 : 0
    case 0xF0...0xF4:
      guard left >= 4, bytes[index + 2] & 0xC0 == 0x80, bytes[index + 3] & 0xC0 == 0x80 else { return 0 }
      let low: UInt8 = first == 0xF0 ? 0x90 : 0x80
      let high: UInt8 = first == 0xF4 ? 0x8F : 0xBF
      return second >= low && second <= high ? 4 : 0
    default:
      return 0
    }
  }
}
