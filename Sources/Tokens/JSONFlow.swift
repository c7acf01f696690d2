internal import Wire

/// Brings what a model reads of a JSON value into a buffer, a bounded number of bytes at a time.
///
/// Of a string that is the text between its quotes; of anything else the value without blanks and with characters
/// beyond ASCII as themselves, however the client's library spelled them.
struct JSONFlow {
  private static let maxEscape = 12

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
    let start = self.position
    let count = min(max(0, budget), self.end - start)
    var place = output.count
    // Nothing is longer than it was; the last escape may reach beyond the limit, and eight bytes are copied at once.
    output.append(contentsOf: repeatElement(0, count: count + Self.maxEscape + 8))
    self.fill(source, start + count, &output, &place)
    output.removeLast(output.count - place)
    budget -= min(budget, self.position - start)
    return self.position >= self.end
  }

  private mutating func fill(
    _ source: Span<UInt8>, _ limit: Int, _ output: inout [UInt8], _ place: inout Int
  ) {
    // Copies, so that they can be kept in registers.
    var flow = self
    var target = place
    var bytes = output.mutableSpan
    while flow.position < limit {
      if flow.isInString {
        flow.copyRun(source, limit, &bytes, &target)
        if flow.position < limit { flow.passSpecial(source, &bytes, &target) }
      } else {
        flow.passStructure(source, &bytes, &target)
      }
    }
    self = flow
    place = target
  }

  /// Up to the next backslash or, in a value, the closing quote.
  @inline(__always)
  private mutating func copyRun(
    _ source: Span<UInt8>, _ limit: Int, _ output: inout MutableSpan<UInt8>, _ place: inout Int
  ) {
    while let bytes = EightBytes(source, at: self.position, limit: limit) {
      bytes.store(&output, at: place)
      let count = self.isText ? bytes.beforeBackslash : bytes.beforeQuoteOrBackslash
      self.position &+= count
      place &+= count
      guard count == 8 else { return }
    }
    while self.position < limit {
      let byte = source[self.position]
      guard byte != 0x5C, self.isText || byte != 0x22 else { return }
      self.put(byte, &output, &place)
      self.position &+= 1
    }
  }

  @inline(__always)
  private func put(_ byte: UInt8, _ output: inout MutableSpan<UInt8>, _ place: inout Int) {
    output[place] = byte
    place &+= 1
  }

  @inline(__always)
  private mutating func passSpecial(
    _ source: Span<UInt8>, _ output: inout MutableSpan<UInt8>, _ place: inout Int
  ) {
    guard source[self.position] == 0x5C else {
      self.isInString = false
      self.put(0x22, &output, &place)
      self.position &+= 1
      return
    }
    guard self.position &+ 1 < self.end else {
      self.position = self.end
      return
    }
    let kind = source[self.position &+ 1]
    guard kind != 0x75 else { return self.passCodeUnit(source, &output, &place) }
    if !self.isText { self.put(0x5C, &output, &place) }
    self.put(self.isText ? JSONText.meaning(of: kind) : kind, &output, &place)
    self.position &+= 2
  }

  private mutating func passStructure(
    _ source: Span<UInt8>, _ output: inout MutableSpan<UInt8>, _ place: inout Int
  ) {
    let byte = source[self.position]
    self.position += 1
    if byte > 0x20 { self.put(byte, &output, &place) }
    if byte == 0x22 { self.isInString = true }
  }

  // MARK: Code units

  /// A `\uXXXX`, or two that are one character; in a value, what ASCII could have said remains an escape.
  private mutating func passCodeUnit(
    _ source: Span<UInt8>, _ output: inout MutableSpan<UInt8>, _ place: inout Int
  ) {
    let start = self.position
    guard let (code, byteCount) = JSONText.character(source.extracting(0..<self.end), at: start) else {
      self.position = min(self.end, start + 6)
      return
    }
    self.position = start + byteCount
    guard self.isText || code >= 0x80 else {
      for index in start..<self.position { self.put(source[index], &output, &place) }
      return
    }
    self.putScalar(code & 0xFFFF_F800 == 0xD800 ? 0xFFFD : code, &output, &place)
  }

  private func putScalar(_ code: UInt32, _ output: inout MutableSpan<UInt8>, _ place: inout Int) {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: code >> shift) & 0x3F }
    func head(_ mark: UInt8, _ shift: UInt32) -> UInt8 { mark | UInt8(truncatingIfNeeded: code >> shift) }
    switch code {
    case ..<0x80: return self.put(head(0, 0), &output, &place)
    case ..<0x800: self.put(head(0xC0, 6), &output, &place)
    case ..<0x10000:
      self.put(head(0xE0, 12), &output, &place)
      self.put(tail(6), &output, &place)
    default:
      self.put(head(0xF0, 18), &output, &place)
      self.put(tail(12), &output, &place)
      self.put(tail(6), &output, &place)
    }
    self.put(tail(0), &output, &place)
  }
}
