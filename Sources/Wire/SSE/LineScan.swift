/// Finds line ends sixteen bytes at a time.
enum LineScan {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The first CR or LF at or after `start`, or the count.
  static func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while true {
      index = self.controlEnd(bytes, from: index)
      guard index < bytes.count, bytes[index] != 0x0A, bytes[index] != 0x0D else { return index }
      index &+= 1
    }
  }

  /// The first control character. JSON has none but line ends and tabs, so one test a word does.
  private static func controlEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let raw = unsafe bytes.bytes
    let count = raw.byteCount
    var index = start
    while index &+ 16 <= count {
      // In bounds: index + 16 <= count was just checked, and index never decreases from start >= 0.
      let a = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let b = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &+ 8, as: UInt64.self)
      if (self.controls(a) | self.controls(b)) != 0 { break }
      index &+= 16
    }
    while index < count, bytes[index] >= 0x20 { index &+= 1 }
    return index
  }

  /// High bits mark control characters, and sometimes bytes beside one.
  @inline(__always)
  private static func controls(_ word: UInt64) -> UInt64 {
    (word &- (self.ones &* 0x20)) & ~word & self.highs
  }
}
