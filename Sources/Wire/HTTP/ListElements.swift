/// The elements of a comma-separated field value (RFC 9110 5.6.1), their blanks left out, one at a time.
internal struct ListElements {
  private var position = 0
  private var isAtEnd = false

  /// The next element, which may be empty; nil after the last one.
  mutating func next(of value: Span<UInt8>) -> Range<Int>? {
    if self.isAtEnd { return nil }
    let start = self.position
    var end = start
    while end < value.count, value[end] != HTTPBytes.comma { end += 1 }
    self.isAtEnd = end == value.count
    self.position = end + 1
    return HTTPBytes.trimmed(start..<end, of: value)
  }

  static func contains(_ token: StaticString, in value: Span<UInt8>) -> Bool {
    var elements = ListElements()
    while let range = elements.next(of: value) {
      if HTTPBytes.equal(self.word(of: value.extracting(range)), token) { return true }
    }
    return false
  }

  static func contains(_ token: Span<UInt8>, in value: Span<UInt8>) -> Bool {
    var elements = ListElements()
    while let range = elements.next(of: value) {
      if HTTPBytes.equal(self.word(of: value.extracting(range)), token) { return true }
    }
    return false
  }

  /// The element without what follows its semicolon.
  @_lifetime(copy element)
  private static func word(of element: Span<UInt8>) -> Span<UInt8> {
    var end = 0
    while end < element.count, element[end] != HTTPBytes.semicolon { end += 1 }
    return element.extracting(HTTPBytes.trimmed(0..<end, of: element))
  }
}
