/// One file of `KEY=value` lines: systemd's `EnvironmentFile=` syntax, and what old `.env` files hold besides
/// (`export`, a trailing ` # comment`, a byte order mark).
package struct EnvironmentFile: Sendable {
  package struct Assignment: Sendable, Equatable {
    package let key: String
    package let value: String
    package let place: ConfigurationPlace
  }

  package private(set) var assignments: [Assignment] = []
  package private(set) var faults: [ConfigurationFault] = []
  package private(set) var remarks: [ConfigurationRemark] = []

  private let path: String
  private var state = State.beforeKey
  private var line = 1
  private var keyLine = 1
  private var quoteLine = 1
  private var key: [UInt8] = []
  private var value: [UInt8] = []
  /// How much of `value` stays when the blanks at its end are dropped.
  private var kept = 0
  private var isAfterBlank = false

  private enum State {
    case beforeKey, comment, inKey
    case beforeValue, inValue, escaped
    case singleQuoted, doubleQuoted, doubleQuotedEscape
    case trailingComment
  }

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    guard self.checkEncoding(bytes) else { return }
    var isAfterReturn = false
    for byte in bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...] {
      // CRLF and a lone CR end a line as LF does.
      let isRest = isAfterReturn && byte == Self.newline
      isAfterReturn = byte == 0x0D
      if isRest { continue }
      self.take(byte == 0x0D ? Self.newline : byte)
    }
    self.end()
  }

  private static let newline = UInt8(ascii: "\n")
  private static let backslash = UInt8(ascii: "\\")
  private static let hash = UInt8(ascii: "#")

  private mutating func checkEncoding(_ bytes: [UInt8]) -> Bool {
    var line = 1
    for part in bytes.split(separator: Self.newline, omittingEmptySubsequences: false) {
      let place = ConfigurationPlace(file: self.path, line: line)
      if part.contains(0) {
        self.faults.append(.init(at: place, key: "", value: nil, expected: "a NUL byte; expected text"))
      } else if String(validating: part, as: UTF8.self) == nil {
        self.faults.append(.init(at: place, key: "", value: nil, expected: "not UTF-8; expected UTF-8 text"))
      }
      line += 1
    }
    return self.faults.isEmpty
  }

  private mutating func take(_ byte: UInt8) {
    switch self.state {
    case .beforeKey: self.takeBeforeKey(byte)
    case .comment: if byte == Self.newline { self.state = .beforeKey }
    case .inKey: self.takeInKey(byte)
    case .beforeValue, .inValue: self.takeInValue(byte)
    case .escaped:
      self.state = .inValue
      if byte != Self.newline { self.keep(byte) }
    case .singleQuoted:
      if byte == UInt8(ascii: "'") { self.closeQuote() } else { self.keep(byte) }
    case .doubleQuoted: self.takeDoubleQuoted(byte)
    case .doubleQuotedEscape:
      self.state = .doubleQuoted
      if !Self.escapableInQuotes.contains(byte), byte != Self.newline { self.keep(Self.backslash) }
      if byte != Self.newline { self.keep(byte) }
    case .trailingComment: if byte == Self.newline { self.endAssignment() }
    }
    if byte == Self.newline { self.line += 1 }
  }

  private static let escapableInQuotes = Array("\"\\`$".utf8)

  private mutating func takeBeforeKey(_ byte: UInt8) {
    if byte == Self.hash || byte == UInt8(ascii: ";") {
      self.state = .comment
    } else if !byte.isBlank {
      self.state = .inKey
      self.keyLine = self.line
      self.key = [byte]
    }
  }

  private mutating func takeInKey(_ byte: UInt8) {
    if byte == Self.newline {
      let text = String(decoding: self.key.prefix(40), as: UTF8.self).trimmingBlanks()
      let shown = ConfigurationFault.printable(text.split(separator: " ").first.map(String.init) ?? text)
      self.remark("a line without \"=\" (begins with \"\(shown)\") is ignored")
      self.state = .beforeKey
    } else if byte == UInt8(ascii: "=") {
      self.state = .beforeValue
      self.value = []
      self.kept = 0
      self.isAfterBlank = false
    } else {
      self.key.append(byte)
    }
  }

  private mutating func takeInValue(_ byte: UInt8) {
    let isOpening = self.state == .beforeValue
    if byte == Self.newline {
      self.endAssignment()
    } else if isOpening, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
      self.state = byte == UInt8(ascii: "'") ? .singleQuoted : .doubleQuoted
      self.quoteLine = self.line
    } else if byte == Self.backslash {
      self.state = .escaped
      // As in systemd, blanks before an escape stay even if nothing follows it.
      self.kept = self.value.count
      self.isAfterBlank = false
    } else if byte == Self.hash, self.isAfterBlank {
      self.state = .trailingComment
    } else if byte.isBlank {
      self.isAfterBlank = true
      if !isOpening { self.value.append(byte) }
    } else {
      self.state = .inValue
      self.keep(byte)
    }
  }

  private mutating func takeDoubleQuoted(_ byte: UInt8) {
    if byte == UInt8(ascii: "\"") {
      self.closeQuote()
    } else if byte == Self.backslash {
      self.state = .doubleQuotedEscape
    } else {
      self.keep(byte)
    }
  }

  private mutating func keep(_ byte: UInt8) {
    self.value.append(byte)
    self.kept = self.value.count
    self.isAfterBlank = false
  }

  private mutating func closeQuote() {
    self.state = .beforeValue
    self.isAfterBlank = false
  }

  private mutating func endAssignment() {
    self.state = .beforeKey
    var key = String(decoding: self.key, as: UTF8.self).trimmingBlanks()
    if key.hasPrefix("export ") || key.hasPrefix("export\t") { key = key.dropFirst(7).trimmingBlanks() }
    guard Self.isName(key) else {
      let shown = ConfigurationFault.printable(String(key.prefix(40)))
      self.remark("\"\(shown)\" is no name of a variable; the line is ignored")
      return
    }
    self.assignments.append(
      Assignment(
        key: key, value: String(decoding: self.value.prefix(self.kept), as: UTF8.self),
        place: ConfigurationPlace(file: self.path, line: self.keyLine)))
  }

  private mutating func end() {
    switch self.state {
    case .beforeKey, .comment: break
    case .inKey: self.takeInKey(Self.newline)
    case .beforeValue, .inValue, .escaped, .trailingComment: self.endAssignment()
    case .singleQuoted, .doubleQuoted, .doubleQuotedEscape:
      let key = String(decoding: self.key, as: UTF8.self).trimmingBlanks()
      self.faults.append(
        ConfigurationFault(
          at: ConfigurationPlace(file: self.path, line: self.quoteLine),
          key: ConfigurationFault.printable(key), value: nil,
          expected: "a quote opens here and is never closed; expected a closing quote"))
    }
  }

  private mutating func remark(_ text: String) {
    let place = ConfigurationPlace(file: self.path, line: self.keyLine)
    self.remarks.append(ConfigurationRemark(.warning, at: place, key: "", text))
  }

  private static func isName(_ key: String) -> Bool {
    guard let first = key.utf8.first, !first.isDigit else { return false }
    return key.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
  }
}
