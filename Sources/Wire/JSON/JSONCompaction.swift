/// Removes the whitespace between the tokens of a text already known to be JSON.
package enum JSONCompaction {
  package static func append(_ source: Span<UInt8>, to output: inout [UInt8]) {
    self.runs(source) { output.append(copying: $0) }
  }

  /// The same, escaped as a string's content.
  package static func appendEscaped(_ source: Span<UInt8>, to output: inout [UInt8]) {
    self.runs(source) { JSONText.escape($0, to: &output) }
  }

  private static func runs(_ source: Span<UInt8>, _ take: (Span<UInt8>) -> Void) {
    var index = 0
    var start = 0
    while index < source.count {
      switch source[index] {
      case 0x22:
        index = self.endOfString(source, from: index + 1)
      case 0x20, 0x09, 0x0A, 0x0D:
        if index > start { take(source.extracting(start..<index)) }
        index += 1
        start = index
      default:
        index += 1
      }
    }
    if index > start { take(source.extracting(start..<index)) }
  }

  private static func endOfString(_ source: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < source.count {
      index = StringScan.specialEnd(source, from: index)
      guard index < source.count else { break }
      switch source[index] {
      case 0x22: return index + 1
      case 0x5C: index += 2
      default: index += 1
      }
    }
    return source.count
  }
}
