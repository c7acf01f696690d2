/// Why a text is not one JSON value, and where.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: String, Sendable {
    case unexpectedEnd = "unexpected end of the text"
    case unexpectedByte = "unexpected character"
    case controlCharacter = "raw control character in a string"
    case badEscape = "invalid escape in a string"
    case badNumber = "invalid number"
    case badUTF8 = "invalid UTF-8"
    case trailingBytes = "text after the value"
    case tooDeep = "nested too deeply"
    case tooLarge = "too large"
  }

  package let reason: Reason
  package let offset: Int
  /// Counted from 1; a line ends at LF, CR or CRLF.
  package let line: Int
  /// Counted from 1, in Unicode scalars.
  package let column: Int

  init(_ reason: Reason, at offset: Int, in bytes: Span<UInt8>) {
    self.reason = reason
    self.offset = offset
    var line = 1
    var column = 1
    var index = 0
    while index < offset && index < bytes.count {
      let byte = bytes[index]
      if byte == 0x0A {
        // The LF of a CRLF was counted at its CR.
        if index == 0 || bytes[index - 1] != 0x0D { line += 1 }
        column = 1
      } else if byte == 0x0D {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
      index += 1
    }
    self.line = line
    self.column = column
  }

  package var description: String {
    "\(self.reason.rawValue) at line \(self.line), column \(self.column)"
  }
}
