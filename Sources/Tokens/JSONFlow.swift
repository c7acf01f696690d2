internal import Wire

/// Brings what a model reads of a JSON value into a buffer, a bounded number of bytes at a time.
///
/// Of a string that is the text between its quotes; of anything else the value without blanks and with characters
/// beyond ASCII as themselves, however the client's library spelled them.
struct JSONFlow {
  private var position: Int
  private let end: Int
  private let isText: Bool
  private var isInString: Bool

  init(_ value: JSONValue) {
    let slice = value.content ?? value.slice
    self.isText = value.content != nil
    self.isInString = self.isText
    self.position = slice.range.lowerBound
    self.end = slice.range.upperBound
  }

  /// True at the end of the value.
  mutating func advance(_ source: Span<UInt8>, to output: inout [UInt8], budget: inout Int) -> Bool {
    while self.position < self.end {
      guard budget > 0 else { return false }
      let before = self.position
      if self.isInString {
        self.copyRun(source, to: &output, atMost: budget)
        if self.position < self.end { self.passSpecial(source, to: &output) }
      } else {
        self.passStructure(source, to: &output)
      }
      budget -= min(budget, self.position - before)
    }
    return true
  }

  /// Up to the next backslash or, in a value, the closing quote.
  private mutating func copyRun(_ source: Span<UInt8>, to output: inout [UInt8], atMost count: Int) {
    var index = self.position
    let limit = count < self.end - index ? index + count : self.end
    while index < limit, source[index] != 0x5C, self.isText || source[index] != 0x22 { index += 1 }
    output.append(copying: source.extracting(self.position..<index))
    self.position = index
  }

  private mutating func passSpecial(_ source: Span<UInt8>, to output: inout [UInt8]) {
    if source[self.position] == 0x22 {
      output.append(0x22)
      self.isInString = false
      self.position += 1
    } else if source[self.position] == 0x5C {
      let escape = source.extracting(self.position..<self.escapeEnd(source))
      if self.isText || Self.isForeign(escape) {
        JSONText.unescape(escape, to: &output)
      } else {
        output.append(copying: escape)
      }
      self.position += escape.count
    }
  }

  private mutating func passStructure(_ source: Span<UInt8>, to output: inout [UInt8]) {
    let byte = source[self.position]
    self.position += 1
    if byte > 0x20 { output.append(byte) }
    if byte == 0x22 { self.isInString = true }
  }

  private func escapeEnd(_ source: Span<UInt8>) -> Int {
    let start = self.position
    guard start + 1 < self.end else { return self.end }
    guard source[start + 1] == 0x75 else { return start + 2 }
    let isPair =
      start + 12 <= self.end && source[start + 2] | 0x20 == 0x64 && source[start + 6] == 0x5C
      && source[start + 7] == 0x75 && source[start + 8] | 0x20 == 0x64 && Self.isHighHalf(source[start + 3])
      && !Self.isHighHalf(source[start + 9])
    return min(self.end, start + (isPair ? 12 : 6))
  }

  /// Of the second digit of a surrogate: 8, 9, a and b are the first half of a pair.
  private static func isHighHalf(_ digit: UInt8) -> Bool {
    digit == 0x38 || digit == 0x39 || digit | 0x20 == 0x61 || digit | 0x20 == 0x62
  }

  /// Whether the escape stands for a character beyond ASCII.
  private static func isForeign(_ escape: Span<UInt8>) -> Bool {
    guard escape.count >= 6, escape[1] == 0x75 else { return false }
    return escape[2] != 0x30 || escape[3] != 0x30 || escape[4] >= 0x38
  }
}
