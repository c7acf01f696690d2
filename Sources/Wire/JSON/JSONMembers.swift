/// The elements of an array in order.
@usableFromInline
package struct JSONElements: Sequence, IteratorProtocol {
  @usableFromInline let document: JSONDocument
  @usableFromInline var index: Int
  @usableFromInline let end: Int

  @inlinable
  init(_ value: borrowing JSONValue) {
    self.document = value.document
    self.index = value.index &+ 1
    self.end = value.kind == .array ? value.node.next : 0
  }

  @inlinable
  package mutating func next() -> JSONValue? {
    guard self.index < self.end else { return nil }
    let value = JSONValue(self.document, self.index, self.document.node(self.index))
    self.index = value.node.next
    return value
  }
}

/// The members of an object in order: a sequence of members, or a cursor for readers that look at most of them
/// once. Only what the cursor is asked for is retained.
@usableFromInline
package struct JSONMembers: Sequence, IteratorProtocol {
  @usableFromInline let document: JSONDocument
  @usableFromInline var index: Int
  @usableFromInline var following: Int
  @usableFromInline let end: Int
  @usableFromInline var keyNode: JSONNode
  @usableFromInline var valueNode: JSONNode

  @inlinable
  init(_ value: borrowing JSONValue) {
    self.document = value.document
    self.index = value.index
    self.following = value.index &+ 1
    self.end = value.kind == .object ? value.node.next : 0
    // Nobody looks before the first `advance`.
    self.keyNode = value.node
    self.valueNode = value.node
  }

  /// Moves to the first or the next member; false behind the last.
  @inlinable
  package mutating func advance() -> Bool {
    guard self.following < self.end else { return false }
    self.index = self.following
    self.keyNode = self.document.node(self.index)
    self.valueNode = self.document.node(self.index &+ 1)
    self.following = self.valueNode.next
    return true
  }

  /// Whether the current member's key is exactly this text.
  @inlinable
  package func isNamed(_ name: StaticString) -> Bool { self.document.holds(self.keyNode, name) }

  /// Whether the current member's value is null.
  @inlinable
  package var isNull: Bool { self.valueNode.kind == .null }

  @inlinable
  package var key: JSONValue { JSONValue(self.document, self.index, self.keyNode) }

  @inlinable
  package var value: JSONValue { JSONValue(self.document, self.index &+ 1, self.valueNode) }

  @inlinable
  package mutating func next() -> JSONMember? {
    self.advance() ? JSONMember(key: self.key, value: self.value) : nil
  }
}

extension JSONValue {
  /// Whether it is an object of few members, none of them named twice, as nearly all are. Names that may be spelled in
  /// two ways are not judged, nor are many.
  package var hasFewDistinctMembers: Bool {
    let (document, end) = (self.document, self.node.next)
    var names: InlineArray<16, JSONSlice> = .init(repeating: JSONSlice(offset: 0, count: 0))
    var count = 0
    guard self.kind == .object else { return false }
    let bytes = document.bytes
    var index = self.index &+ 1
    while index < end {
      let key = document.node(index)
      guard count < names.count, key.flags == 0 else { return false }
      let name = key.content
      for place in name.range where bytes[place] >= 0x80 { return false }
      for other in 0..<count where names[other].count == name.count {
        let old = bytes.span.extracting(names[other].range)
        if StringScan.commonCount(old, from: 0, bytes.span.extracting(name.range), from: 0) == name.count {
          return false
        }
      }
      names[count] = name
      count &+= 1
      index = document.node(index &+ 1).next
    }
    return true
  }
}

/// One member of an object; the key is a string value.
@usableFromInline
package struct JSONMember {
  @usableFromInline package let key: JSONValue
  @usableFromInline package let value: JSONValue

  @inlinable
  init(key: JSONValue, value: JSONValue) {
    self.key = key
    self.value = value
  }

  package var name: String { self.key.string ?? "" }

  /// Whether the key is exactly this text.
  @inlinable
  package func isNamed(_ name: StaticString) -> Bool { self.key.matches(name) }
}
