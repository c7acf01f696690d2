/// Removes the whitespace between the tokens of a text already known to be JSON.
package enum JSONCompaction {
  package static func append(_ source: Span<UInt8>, to output: inout [UInt8]) {
    var index = 0
    var start = 0
    while index < source.count {
      switch source[index] {
      case 0x22:
        index = self.endOfString(source, from: index &+ 1)
      case 0x20, 0x09, 0x0A, 0x0D:
        if index > start { output.append(copying: source.extracting(start..<index)) }
        index &+= 1
        start = index
      default:
        index &+= 1
      }
    }
    if index > start { output.append(copying: source.extracting(start..<index)) }
  }

  /// The same, escaped as a string's content: JSON has nothing to escape but quotes and backslashes. A `\uXXXX` that
  /// stands for a character which needs none becomes that character, so that texts which mean the same are the same.
  package static func appendEscaped(_ source: Span<UInt8>, to output: inout [UInt8]) {
    var index = 0
    var start = 0
    var isInString = false
    while index < source.count {
      if isInString {
        index = StringScan.specialEnd(source, from: index)
        guard index < source.count else { break }
      }
      switch source[index] {
      case 0x22:
        isInString.toggle()
        self.escape(source, start..<index, 0x22, to: &output)
        index &+= 1
        start = index
      case 0x5C:
        if let (scalar, end) = JSONText.needlessEscape(source, at: index) {
          if index > start { output.append(copying: source.extracting(start..<index)) }
          JSONText.append(scalar, to: &output)
          index = end
          start = end
          continue
        }
        // With the character behind it, which may be a quote that ends nothing.
        self.escape(source, start..<index, 0x5C, to: &output)
        index &+= 1
        start = index
        guard index < source.count else { break }
        if source[index] == 0x22 || source[index] == 0x5C {
          self.escape(source, index..<index, source[index], to: &output)
          start = index &+ 1
        }
        index &+= 1
      case 0x20, 0x09, 0x0A, 0x0D:
        if index > start { output.append(copying: source.extracting(start..<index)) }
        index &+= 1
        start = index
      default:
        index &+= 1
      }
    }
    if index > start { output.append(copying: source.extracting(start..<index)) }
  }

  /// What came before, and the escaped character behind it.
  @inline(__always)
  private static func escape(
    _ source: Span<UInt8>, _ before: Range<Int>, _ byte: UInt8, to output: inout [UInt8]
  ) {
    if !before.isEmpty { output.append(copying: source.extracting(before)) }
    output.append(0x5C)
    output.append(byte)
  }

  private static func endOfString(_ source: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < source.count {
      index = StringScan.specialEnd(source, from: index)
      guard index < source.count else { break }
      switch source[index] {
      case 0x22: return index &+ 1
      case 0x5C: index &+= 2
      default: index &+= 1
      }
    }
    return source.count
  }
}
