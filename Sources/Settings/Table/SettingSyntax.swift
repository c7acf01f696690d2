/// What may be written after a setting's `=`, as data for messages and for the printed pages.
package enum SettingSyntax: Sendable, Equatable {
  case integer(ClosedRange<Int>)
  case seconds(ClosedRange<Int>)
  case bytes(ClosedRange<Int>)
  case decimal(ClosedRange<Double>)
  case boolean
  case word([String])
  /// Free text of the form described.
  case text(String)
  case secret
  case secretList
  case url
  /// JSON of the form described.
  case json(String)
  /// Header fields: JSON of the form described, or values of names that say which.
  case header(String)

  /// Whether it has the forms of a key: a file and a credential of its name.
  package var isKey: Bool {
    switch self {
    case .secret, .secretList: true
    case .integer, .seconds, .bytes, .decimal, .boolean, .word, .text, .url, .json, .header: false
    }
  }

  /// Whether a value may hold what must not be shown.
  package var isSecret: Bool {
    switch self {
    case .secret, .secretList, .header: true
    case .integer, .seconds, .bytes, .decimal, .boolean, .word, .text, .url, .json: false
    }
  }

  package var inWords: String {
    switch self {
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .seconds(let range): "seconds from \(range.lowerBound) to \(range.upperBound)"
    case .bytes(let range): "bytes from \(range.lowerBound) to \(range.upperBound)"
    case .decimal(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false (also 1, yes, y, on; 0, no, n, off)"
    case .word(let words): "one of " + words.joined(separator: ", ")
    case .text(let form), .json(let form), .header(let form): form
    case .secret: "a key of visible ASCII characters without blanks"
    case .secretList: "keys of visible ASCII characters, separated by commas"
    case .url: "a URL that begins with http:// or https://"
    }
  }

  static func parseBoolean(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "1", "true", "yes", "y", "on": true
    case "0", "false", "no", "n", "off": false
    default: nil
    }
  }

  /// Digits, for seconds and bytes also with a unit (`90s`, `5min`, `32M`), never outside the range.
  func parseNumber(_ text: String) -> Int? {
    let (range, units): (ClosedRange<Int>, [String: Int]) =
      switch self {
      case .integer(let range): (range, [:])
      case .seconds(let range): (range, ["s": 1, "min": 60, "h": 3600])
      case .bytes(let range):
        (range, ["k": 1024, "kib": 1024, "m": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gib": 1 << 30])
      case .decimal, .boolean, .word, .text, .secret, .secretList, .url, .json, .header: (0...0, [:])
      }
    let isNegative = text.hasPrefix("-")
    let magnitude = text.dropFirst(isNegative ? 1 : 0)
    let digits = magnitude.prefix { $0.utf8.allSatisfy(\.isDigit) }
    let unit = magnitude.dropFirst(digits.count).trimmingBlanks().lowercased()
    guard !digits.isEmpty, let number = Int(isNegative ? "-\(digits)" : "\(digits)"),
      let factor = unit.isEmpty ? 1 : units[unit]
    else { return nil }
    let (product, hasOverflown) = number.multipliedReportingOverflow(by: factor)
    return !hasOverflown && range.contains(product) ? product : nil
  }

  /// Digits with at most one point, never outside the range; no exponents and no words such as `inf`.
  func parseDecimal(_ text: String) -> Double? {
    guard case .decimal(let range) = self, text.utf8.contains(where: \.isDigit),
      text.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }),
      let number = Double(text)
    else { return nil }
    return range.contains(number) ? number : nil
  }
}
