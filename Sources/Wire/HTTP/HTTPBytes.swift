/// The byte classes of HTTP/1.1 and the searches over them.
@usableFromInline
internal enum HTTPBytes {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let comma: UInt8 = 0x2C
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B

  /// `tchar` of RFC 9110 5.6.2 as a bit a byte, for 0...63 and 64...127.
  private static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
  private static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE

  @inline(__always)
  static func isToken(_ byte: UInt8) -> Bool {
    if byte >= 128 { return false }
    let half = byte < 64 ? self.tokenLow : self.tokenHigh
    return half &>> UInt64(byte & 63) & 1 == 1
  }

  static func isToken(_ bytes: Span<UInt8>) -> Bool {
    var index = self.firstOutsideOrdinaryName(in: bytes, from: 0)
    while index < bytes.count {
      if !self.isToken(bytes[index]) { return false }
      index = self.firstOutsideOrdinaryName(in: bytes, from: index &+ 1)
    }
    return !bytes.isEmpty
  }

  @inline(__always)
  static func lowercase(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10
  }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == self.space || byte == self.tab
  }

  /// Where the first control byte other than HTAB stands at or after `start`; the end if there is none.
  ///
  /// Eight bytes a step: a byte below 0x20 borrows into its top bit, and so does 0x7F once turned into 0. Only
  /// the lowest mark of a word is exact, and only that one is used.
  static func firstControl(in bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    let end = bytes.count
    let raw = unsafe bytes.bytes
    while index &+ 8 <= end {
      let loaded = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let word = UInt64(littleEndian: loaded)
      let delete = word ^ 0x7F7F_7F7F_7F7F_7F7F
      let low = (word &- 0x2020_2020_2020_2020) & ~word
      let marks = (low | (delete &- 0x0101_0101_0101_0101) & ~delete) & 0x8080_8080_8080_8080
      if marks == 0 {
        index &+= 8
        continue
      }
      index &+= marks.trailingZeroBitCount &>> 3
      if bytes[index] != self.tab { return index }
      index &+= 1
    }
    while index < end {
      let byte = bytes[index]
      if byte < 0x20 && byte != self.tab || byte == 0x7F { return index }
      index &+= 1
    }
    return end
  }

  /// Where the first byte stands, at or after `start`, that is neither a letter nor a hyphen; the end if none.
  ///
  /// Eight bytes a step: with the top bits off, the sums carry into them from `a` on and from behind `z` on. A byte
  /// equal to the hyphen is 0 in `hyphen`, and only 0 leaves its top bit clear there.
  static func firstOutsideOrdinaryName(in bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    let end = bytes.count
    let raw = unsafe bytes.bytes
    let tops: UInt64 = 0x8080_8080_8080_8080
    while index &+ 8 <= end {
      let loaded = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let word = UInt64(littleEndian: loaded)
      let lower = (word | 0x2020_2020_2020_2020) & ~tops
      let letters = (lower &+ 0x1F1F_1F1F_1F1F_1F1F) ^ (lower &+ 0x0505_0505_0505_0505)
      let hyphen = (word & ~tops) ^ 0x2D2D_2D2D_2D2D_2D2D
      let ordinary = (letters | ~(hyphen &+ ~tops)) & ~word & tops
      if ordinary == tops {
        index &+= 8
        continue
      }
      return index &+ (ordinary ^ tops).trailingZeroBitCount &>> 3
    }
    while index < end, (bytes[index] | 0x20) &- 0x61 < 26 || bytes[index] == 0x2D { index &+= 1 }
    return index
  }

  /// The range without blanks (RFC 9110 5.6.3, OWS) at either end.
  @inline(__always)
  static func trimmed(_ range: Range<Int>, of bytes: Span<UInt8>) -> Range<Int> {
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower < upper, self.isBlank(bytes[lower]) { lower &+= 1 }
    while upper > lower, self.isBlank(bytes[upper &- 1]) { upper &-= 1 }
    return lower..<upper
  }

  /// Whether the bytes are `name` in any case.
  static func equal(_ bytes: Span<UInt8>, _ name: StaticString) -> Bool {
    let count = bytes.count
    if count != name.utf8CodeUnitCount { return false }
    let (raw, other) = unsafe (bytes.bytes, UnsafeRawPointer(name.utf8Start))
    guard count >= 8 else {
      for index in 0..<count {
        // In bounds: both counts are equal.
        if unsafe self.lowercase(bytes[index]) != self.lowercase(name.utf8Start[index]) { return false }
      }
      return true
    }
    // The last word may overlap the one before; all loads end at the count at most.
    var index = 0
    while true {
      let left = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let right = unsafe other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if left != right, self.lowercase(left) != self.lowercase(right) { return false }
      if index == count &- 8 { return true }
      index = min(index &+ 8, count &- 8)
    }
  }

  /// Eight bytes at once: with the top bits off, the sums carry into them from `A` on and from behind `Z` on.
  @inline(__always)
  private static func lowercase(_ word: UInt64) -> UInt64 {
    let tops: UInt64 = 0x8080_8080_8080_8080
    let low = word & ~tops
    let capitals =
      (low &+ 0x3F3F_3F3F_3F3F_3F3F) & ~(low &+ 0x2525_2525_2525_2525) & ~word & tops
    return word | capitals &>> 2
  }

  /// Whether the two are the same in any case.
  static func equal(_ bytes: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
    if bytes.count != other.count { return false }
    for index in bytes.indices where self.lowercase(bytes[index]) != self.lowercase(other[index]) {
      return false
    }
    return true
  }

  /// What a hexadecimal digit counts.
  static func hexadecimal(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte &- 0x30)
    case 0x41...0x46: Int(byte &- 0x37)
    case 0x61...0x66: Int(byte &- 0x57)
    default: nil
    }
  }

  /// The number that digits and nothing else spell.
  static func decimal(_ bytes: Span<UInt8>) -> Int? {
    var number = 0
    for index in bytes.indices {
      guard self.isDigit(bytes[index]) else { return nil }
      let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
      let (sum, isTooLarge) = tens.addingReportingOverflow(Int(bytes[index] & 0x0F))
      if overflows || isTooLarge { return nil }
      number = sum
    }
    return bytes.isEmpty ? nil : number
  }

  static func string(_ bytes: Span<UInt8>) -> String {
    unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension Span<UInt8> {
  /// Whether it is that word, in any case.
  package func isLike(_ word: StaticString) -> Bool { HTTPBytes.equal(self, word) }
}
