extension [UInt8] {
  /// Writes a number without making a string of it.
  package mutating func append(decimal number: Int) {
    self.append(addingCapacity: OutputSpan<UInt8>.longestNumber) { $0.append(decimal: number) }
  }

  package mutating func append(hexadecimal number: UInt) {
    self.append(addingCapacity: OutputSpan<UInt8>.longestNumber) { $0.append(digitsOf: number, base: 16) }
  }
}

extension OutputSpan<UInt8> {
  /// Twenty digits, or a sign and nineteen.
  package static var longestNumber: Int { 20 }

  package mutating func append(decimal number: Int) {
    if number < 0 { self.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    if rest >= 100_000_000 { return self.append(digitsOf: rest, base: 10) }
    // Eight digits fit one word, which most numbers need no more than.
    var (digits, count): (UInt64, Int) = (0, 0)
    repeat {
      (digits, count) = (digits << 8 | UInt64(0x30 + rest % 10), count &+ 1)
      rest /= 10
    } while rest > 0
    for _ in 0..<count {
      self.append(UInt8(truncatingIfNeeded: digits))
      digits >>= 8
    }
  }

  /// The base is known where this is used: nothing is divided at run time.
  @inline(__always)
  fileprivate mutating func append(digitsOf number: UInt, base: UInt) {
    var place: UInt = 1
    while number / place >= base { place *= base }
    repeat {
      let digit = UInt8(truncatingIfNeeded: number / place % base)
      self.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      place /= base
    } while place > 0
  }
}

extension String {
  /// The prefix and 24 hexadecimal digits: all of `high`, then the upper half of `low`.
  package init(_ prefix: String, digitsOf high: UInt64, _ low: UInt64) {
    let bytes = prefix.utf8Span.span
    let start = bytes.count
    self = unsafe String(unsafeUninitializedCapacity: start + 24) { buffer in
      for index in bytes.indices { unsafe buffer.initializeElement(at: index, to: bytes[index]) }
      for index in 0..<24 {
        let word = index < 16 ? high : low
        let nibble = UInt8(truncatingIfNeeded: word &>> UInt64(60 &- 4 &* (index & 15))) & 15
        unsafe buffer.initializeElement(at: start &+ index, to: nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
      }
      return start + 24
    }
  }
}
