internal import Wire

/// Base64 data inside a document, decoded byte by byte where somebody looks.
struct MediaBytes {
  private let text: [UInt8]
  private let start: Int
  private let end: Int

  /// How much of a text with escapes is looked at: enough for any header.
  private static let maxUnescaped = 1 << 16

  /// The value of a `data` member, or the part of a `data:` URL behind its comma.
  init?(_ value: JSONValue) {
    guard let content = value.content else { return nil }
    var range = content.range
    var text = value.document.bytes
    if value.hasEscapes {
      var plain: [UInt8] = []
      JSONText.unescape(text.span.extracting(range.prefix(Self.maxUnescaped)), to: &plain)
      text = plain
      range = 0..<plain.count
    }
    if text[range].starts(with: Self.scheme) {
      guard let comma = text[range].prefix(256).firstIndex(of: 0x2C) else { return nil }
      guard text[range.lowerBound..<comma].suffix(7).elementsEqual(Self.encoding) else { return nil }
      range = (comma + 1)..<range.upperBound
    }
    self.text = text
    self.start = range.lowerBound
    self.end = range.upperBound
  }

  private static let scheme = Array("data:".utf8)
  private static let encoding = Array(";base64".utf8)

  var count: Int { (self.end - self.start) / 4 * 3 }

  /// The byte at the offset, 0 beyond the end and for what is no base64.
  subscript(offset: Int) -> UInt8 {
    let place = self.start + offset / 3 * 4
    guard offset >= 0, place + 4 <= self.end else { return 0 }
    let a = Self.sextet(self.text[place])
    let b = Self.sextet(self.text[place + 1])
    let c = Self.sextet(self.text[place + 2])
    let d = Self.sextet(self.text[place + 3])
    switch offset % 3 {
    case 0: return a << 2 | b >> 4
    case 1: return b << 4 | c >> 2
    default: return c << 6 | d
    }
  }

  func bigEndian(_ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 << 8 | Int(self[offset + $1]) }
  }

  func littleEndian(_ offset: Int, _ count: Int) -> Int {
    (0..<count).reversed().reduce(0) { $0 << 8 | Int(self[offset + $1]) }
  }

  func holds(_ text: StaticString, at offset: Int) -> Bool {
    text.description.utf8.enumerated().allSatisfy { self[offset + $0.offset] == $0.element }
  }

  static func sextet(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x41...0x5A: byte - 0x41
    case 0x61...0x7A: byte - 0x61 + 26
    case 0x30...0x39: byte - 0x30 + 52
    case 0x2B, 0x2D: 62
    case 0x2F, 0x5F: 63
    default: 0
    }
  }
}
