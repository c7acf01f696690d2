extension StringProtocol {
  /// Without the blanks, tabs and line ends at either edge.
  func trimmingBlanks() -> String {
    var bytes = Substring(self).utf8
    while let first = bytes.first, first.isBlank { bytes.removeFirst() }
    while let last = bytes.last, last.isBlank { bytes.removeLast() }
    return String(Substring(bytes))
  }
}

extension UInt8 {
  var isBlank: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  var isLetter: Bool {
    let lower = self | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
  }
  var isHexDigit: Bool {
    let lower = self | 0x20
    return self.isDigit || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f"))
  }
}
