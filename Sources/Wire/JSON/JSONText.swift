/// Conversions between a text and its escaped form between the quotes of a JSON string.
package enum JSONText {
  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// The UTF-16 unit of the `\uXXXX` at `index`, if one is there.
  static func codeUnit(_ bytes: Span<UInt8>, at index: Int) -> UInt32? {
    guard index >= 0, index + 6 <= bytes.count, bytes[index] == 0x5C, bytes[index + 1] == 0x75 else {
      return nil
    }
    var unit: UInt32 = 0
    for position in (index + 2)..<(index + 6) {
      let digit: UInt8
      switch bytes[position] {
      case 0x30...0x39: digit = bytes[position] - 0x30
      case 0x41...0x46: digit = bytes[position] - 0x37
      case 0x61...0x66: digit = bytes[position] - 0x57
      default: return nil
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// The code of the character whose `\uXXXX`, or two of them, are at `index`, and how many bytes they are; half a
  /// surrogate pair is one by itself.
  package static func character(_ bytes: Span<UInt8>, at index: Int) -> (code: UInt32, byteCount: Int)? {
    guard let unit = self.codeUnit(bytes, at: index) else { return nil }
    guard unit & 0xFC00 == 0xD800, let low = self.codeUnit(bytes, at: index + 6), low & 0xFC00 == 0xDC00
    else { return (unit, 6) }
    return (0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF)), 12)
  }

  /// What a letter behind a backslash stands for; other characters stand for themselves.
  @inlinable
  package static func meaning(of letter: UInt8) -> UInt8 {
    switch letter {
    case 0x62: 0x08
    case 0x66: 0x0C
    case 0x6E: 0x0A
    case 0x72: 0x0D
    case 0x74: 0x09
    default: letter
    }
  }

  /// Appends the plain UTF-8 of an escaped text; half a surrogate pair becomes U+FFFD.
  package static func unescape(_ source: Span<UInt8>, to output: inout [UInt8]) {
    var index = 0
    while index < source.count {
      let end = self.backslash(source, from: index)
      if end > index { output.append(copying: source.extracting(index..<end)) }
      guard end + 1 < source.count else { return }
      index = end + 2
      guard source[end + 1] == 0x75 else {
        output.append(self.meaning(of: source[end + 1]))
        continue
      }
      guard let character = self.character(source, at: end) else { return }
      index = end + character.byteCount
      self.append(character.code, to: &output)
    }
  }

  private static func backslash(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      index = StringScan.specialEnd(bytes, from: index)
      if index >= bytes.count || bytes[index] == 0x5C { return index }
      index += 1
    }
    return bytes.count
  }

  /// What the escape at `index` stands for and where it ends, if the text could hold that as it is.
  static func needlessEscape(_ bytes: Span<UInt8>, at index: Int) -> (scalar: UInt32, end: Int)? {
    if index + 1 < bytes.count, bytes[index + 1] == 0x2F { return (0x2F, index + 2) }
    guard let (code, byteCount) = self.character(bytes, at: index), code >= 0x20, code != 0x22, code != 0x5C,
      code & 0xFFFF_F800 != 0xD800
    else { return nil }
    return (code, index + byteCount)
  }

  static func append(_ value: UInt32, to output: inout [UInt8]) {
    let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { output.append(byte) }
  }

  /// Appends the escaped form of UTF-8 text: quotes, backslashes and control characters only.
  package static func escape(_ source: Span<UInt8>, to output: inout [UInt8]) {
    var start = 0
    while true {
      let end = StringScan.specialEnd(source, from: start)
      if end > start { output.append(copying: source.extracting(start..<end)) }
      guard end < source.count else { return }
      self.appendEscape(of: source[end], to: &output)
      start = end + 1
    }
  }

  private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
    output.append(0x5C)
    switch byte {
    case 0x22, 0x5C: output.append(byte)
    case 0x08: output.append(0x62)
    case 0x09: output.append(0x74)
    case 0x0A: output.append(0x6E)
    case 0x0C: output.append(0x66)
    case 0x0D: output.append(0x72)
    default:
      output.append(0x75)
      output.append(0x30)
      output.append(0x30)
      output.append(self.hexDigits[Int(byte >> 4)])
      output.append(self.hexDigits[Int(byte & 15)])
    }
  }

  /// Whether an escaped text ends in the first half of a surrogate pair, which the next fragment may complete.
  package static func endsInHalfPair(_ text: Span<UInt8>) -> Bool {
    guard let unit = self.codeUnit(text, at: text.count - 6), unit & 0xFC00 == 0xD800 else { return false }
    // The backslash starts an escape only after an even number of others.
    var index = text.count - 7
    while index >= 0, text[index] == 0x5C { index -= 1 }
    return (text.count - 7 - index).isMultiple(of: 2)
  }
}

extension [UInt8] {
  /// Appends borrowed bytes in one move.
  @inlinable
  package mutating func append(copying source: Span<UInt8>) {
    unsafe source.withUnsafeBufferPointer { unsafe self.append(contentsOf: $0) }
  }

  /// Appends a fixed text.
  @inlinable
  package mutating func append(literal: StaticString) {
    unsafe self.append(
      contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }
}

/// For what is put together of several pieces behind one check of an array's room.
extension OutputSpan<UInt8> {
  /// Traps when there is no room for all of it.
  @inlinable
  @inline(__always)
  package mutating func append(copying source: Span<UInt8>) {
    unsafe source.withUnsafeBufferPointer { unsafe self.append(copying: $0) }
  }

  @inlinable
  @inline(__always)
  package mutating func append(copying text: StaticString) {
    unsafe self.append(copying: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @inlinable
  @inline(__always)
  internal mutating func append(copying source: UnsafeBufferPointer<UInt8>) {
    precondition(source.count <= self.freeCapacity, "no room for what is appended")
    unsafe self.withUnsafeMutableBufferPointer { room, filled in
      guard let start = room.baseAddress, let first = source.baseAddress else { return }
      // In bounds: there is room for all of it. One move costs half of what elements do.
      unsafe UnsafeMutableRawPointer(start + filled).copyMemory(from: first, byteCount: source.count)
      filled &+= source.count
    }
  }
}
