/// What may be written after a setting's `=`, as data for messages and for the printed pages.
package enum SettingSyntax: Sendable, Equatable {
  case integer(ClosedRange<Int>)
  case seconds(ClosedRange<Int>)
  case bytes(ClosedRange<Int>)
  case boolean
  case word([String])
  /// Free text of the form described.
  case text(String)
  case secret
  case secretList
  case url

  package var isSecret: Bool {
    switch self {
    case .secret, .secretList: true
    case .integer, .seconds, .bytes, .boolean, .word, .text, .url: false
    }
  }

  package var inWords: String {
    switch self {
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .seconds(let range): "seconds from \(range.lowerBound) to \(range.upperBound)"
    case .bytes(let range): "bytes from \(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false (also 1, yes, y, on; 0, no, n, off)"
    case .word(let words): "one of " + words.joined(separator: ", ")
    case .text(let form): form
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
      case .boolean, .word, .text, .secret, .secretList, .url: (0...0, [:])
      }
    let digits = text.prefix { $0.utf8.allSatisfy(\.isDigit) }
    let unit = text.dropFirst(digits.count).trimmingBlanks().lowercased()
    guard let number = Int(digits), let factor = unit.isEmpty ? 1 : units[unit] else { return nil }
    let (product, hasOverflown) = number.multipliedReportingOverflow(by: factor)
    return !hasOverflown && range.contains(product) ? product : nil
  }
}
