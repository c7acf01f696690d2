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
