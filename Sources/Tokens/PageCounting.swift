internal import Wire

/// Counts the pages of a PDF file by the objects that say `/Type /Page`, without decoding it as a whole.
///
/// Newer files may keep these objects compressed: where none shows, size decides.
struct PageCounting {
  /// Anthropic's guide "PDF support": 1,500 to 3,000 tokens a page, image and text.
  static let tokensPerPage = 2250
  private static let bytesPerHiddenPage = 100_000

  private let range: Range<Int>
  private var position: Int
  private var group: UInt32 = 0
  private var digits = 0
  private var bytes = 0
  private var state = 0
  private var pages = 0

  init?(_ value: JSONValue) {
    guard let content = value.content else { return nil }
    self.range = content.range
    self.position = content.range.lowerBound
  }

  var tokens: Int {
    let pages = self.pages > 0 ? self.pages : max(1, self.bytes / Self.bytesPerHiddenPage)
    return Self.tokensPerPage * pages
  }

  /// True at the end of the data. What is no base64, such as the escape of a slash, is passed over.
  mutating func advance(_ source: Span<UInt8>, budget: inout Int) -> Bool {
    let limit = self.position + min(budget, self.range.upperBound - self.position)
    while self.position < limit {
      let byte = source[self.position]
      self.position += 1
      budget -= 1
      // The head of a `data:` URL is no part of it.
      if byte == 0x2C { (self.digits, self.bytes, self.state) = (0, 0, 0) }
      guard byte == 0x41 || MediaBytes.sextet(byte) != 0 else { continue }
      self.group = self.group << 6 | UInt32(MediaBytes.sextet(byte))
      self.digits += 1
      guard self.digits == 4 else { continue }
      for shift: UInt32 in [16, 8, 0] { self.see(UInt8(truncatingIfNeeded: self.group >> shift)) }
      self.digits = 0
      self.bytes += 3
    }
    return self.position >= self.range.upperBound
  }

  private static let pattern = Array("/Type/Page".utf8)

  private mutating func see(_ byte: UInt8) {
    if self.state == Self.pattern.count {
      // `/Pages` is the tree they hang in.
      let isLetter = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
      if !isLetter { self.pages += 1 }
      self.state = byte == 0x2F ? 1 : 0
    } else if byte == Self.pattern[self.state] {
      self.state += 1
    } else if self.state == 5, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      return
    } else {
      self.state = byte == 0x2F ? 1 : 0
    }
  }
}
