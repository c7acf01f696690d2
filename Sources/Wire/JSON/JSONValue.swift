/// One value of a document: cheap to copy, converts only what it is asked for.
@usableFromInline
package struct JSONValue {
  @usableFromInline package let document: JSONDocument
  @usableFromInline let node: JSONNode
  @usableFromInline let index: Int

  @inlinable
  init(_ document: JSONDocument, _ index: Int, _ node: JSONNode) {
    self.document = document
    self.index = index
    self.node = node
  }

  @inlinable
  package var kind: JSONKind { self.node.kind }
  @inlinable
  package var isNull: Bool { self.node.kind == .null }

  /// The value's own bytes, quotes and brackets included.
  @inlinable
  package var slice: JSONSlice {
    JSONSlice(offset: self.node.start, count: self.node.end &- self.node.start)
  }

  /// The still escaped text between a string's quotes.
  @inlinable
  package var content: JSONSlice? {
    guard self.node.kind == .string else { return nil }
    return self.node.content
  }

  package var rawBytes: ArraySlice<UInt8> { self.document.bytes[self.slice.range] }
  package var rawText: String { String(decoding: self.rawBytes, as: UTF8.self) }

  @inlinable
  package var hasEscapes: Bool { self.node.flags & JSONNode.escaped != 0 }
  @inlinable
  package var hasLoneSurrogate: Bool { self.node.flags & JSONNode.loneSurrogate != 0 }

  /// Where the value is in its document, as `messages[3].content`.
  package var path: String { self.document.path(to: self) }

  package var bool: Bool? {
    guard self.node.kind == .bool else { return nil }
    return self.document.bytes[self.node.start] == 0x74
  }

  /// A number written as an integer that fits; `1.0` and `1e3` are not.
  package var integer: Int? {
    guard self.node.kind == .number else { return nil }
    let bytes = self.document.bytes
    var index = self.node.start
    let isNegative = bytes[index] == 0x2D
    if isNegative { index += 1 }
    var result = 0
    while index < self.node.end {
      guard bytes[index] &- 0x30 <= 9 else { return nil }
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      let digit = Int(bytes[index] &- 0x30)
      let (sum, carry) =
        isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      result = sum
      index += 1
    }
    return result
  }

  package var double: Double? {
    guard self.node.kind == .number else { return nil }
    return Double(self.rawText)
  }

  /// The decoded text of a string; half a surrogate pair becomes U+FFFD.
  package var string: String? {
    guard let content = self.content else { return nil }
    if !self.hasEscapes { return String(decoding: self.document.bytes[content.range], as: UTF8.self) }
    var plain: [UInt8] = []
    plain.reserveCapacity(content.count)
    self.appendText(to: &plain)
    return String(decoding: plain, as: UTF8.self)
  }

  /// Appends the decoded text of a string; nothing for other kinds.
  package func appendText(to output: inout [UInt8]) {
    guard let content = self.content else { return }
    let bytes = self.document.bytes
    JSONText.unescape(bytes.span.extracting(content.range), to: &output)
  }

  @inlinable
  package var isEmptyString: Bool { self.node.kind == .string && self.node.end &- self.node.start == 2 }

  /// Whether the value is a string of exactly this text.
  @inlinable
  package func matches(_ text: StaticString) -> Bool {
    self.node.kind == .string && self.document.holds(self.node, text)
  }

  package func matches(text: String) -> Bool {
    guard let content = self.content else { return false }
    if self.hasEscapes { return self.string == text }
    return self.document.bytes[content.range].elementsEqual(text.utf8)
  }

  /// The member of that name; the last one when the name is repeated, as other readers choose.
  @inlinable
  package subscript(name: StaticString) -> JSONValue? {
    guard self.node.kind == .object else { return nil }
    return self.document.find(name, in: self.node, at: self.index)
  }

  package func member(named name: String) -> JSONValue? {
    var found: JSONValue?
    for member in self.members where member.key.matches(text: name) { found = member.value }
    return found
  }

  /// The member of that name unless it is absent or null.
  @inlinable
  package func present(_ name: StaticString) -> JSONValue? {
    guard let value = self[name], !value.isNull else { return nil }
    return value
  }

  /// The elements of an array; none for other kinds.
  @inlinable
  package var elements: JSONElements { JSONElements(self) }

  /// The members of an object in order; none for other kinds.
  @inlinable
  package var members: JSONMembers { JSONMembers(self) }

  /// Whether it is an array or object that holds nothing.
  @inlinable
  package var isEmptyContainer: Bool {
    (self.kind == .array || self.kind == .object) && self.node.next == self.index &+ 1
  }
}
