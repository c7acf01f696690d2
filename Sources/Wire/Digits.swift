extension [UInt8] {
  /// Writes a number without making a string of it.
  package mutating func append(decimal number: Int) {
    if number < 0 { self.append(UInt8(ascii: "-")) }
    self.append(digitsOf: UInt(number.magnitude), base: 10)
  }

  package mutating func append(hexadecimal number: UInt) {
    self.append(digitsOf: number, base: 16)
  }

  /// Appended from behind to its front, then turned: there is no room to be made elsewhere.
  private mutating func append(digitsOf number: UInt, base: UInt) {
    var rest = number
    let start = self.count
    repeat {
      let digit = UInt8(truncatingIfNeeded: rest % base)
      self.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      rest /= base
    } while rest > 0
    var (first, last) = (start, self.count - 1)
    while first < last {
      self.swapAt(first, last)
      (first, last) = (first + 1, last - 1)
    }
  }
}

extension String {
  /// The prefix and 24 hexadecimal digits: all of `high`, then the upper half of `low`.
  package init(_ prefix: String, digitsOf high: UInt64, _ low: UInt64) {
    let start = prefix.utf8.count
    self = unsafe String(unsafeUninitializedCapacity: start + 24) { buffer in
      for (index, byte) in prefix.utf8.enumerated() { unsafe buffer.initializeElement(at: index, to: byte) }
      for index in 0..<24 {
        let word = index < 16 ? high : low
        let nibble = UInt8(truncatingIfNeeded: word &>> UInt64(60 &- 4 &* (index & 15))) & 15
        unsafe buffer.initializeElement(at: start &+ index, to: nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
      }
      return start + 24
    }
  }
}
