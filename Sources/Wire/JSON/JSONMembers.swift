/// The elements of an array in order.
@usableFromInline
package struct JSONElements: Sequence, IteratorProtocol {
  @usableFromInline let document: JSONDocument
  @usableFromInline var index: Int
  @usableFromInline let end: Int

  @inlinable
  init(_ value: JSONValue) {
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

/// The members of an object in order.
@usableFromInline
package struct JSONMembers: Sequence, IteratorProtocol {
  @usableFromInline let document: JSONDocument
  @usableFromInline var index: Int
  @usableFromInline let end: Int

  @inlinable
  init(_ value: JSONValue) {
    self.document = value.document
    self.index = value.index &+ 1
    self.end = value.kind == .object ? value.node.next : 0
  }

  @inlinable
  package mutating func next() -> JSONMember? {
    guard self.index < self.end else { return nil }
    let member = JSONMember(
      document: self.document, index: self.index, keyNode: self.document.node(self.index),
      valueNode: self.document.node(self.index &+ 1))
    self.index = member.valueNode.next
    return member
  }
}

/// One member of an object; the key is a string value.
@usableFromInline
package struct JSONMember {
  @usableFromInline let document: JSONDocument
  @usableFromInline let index: Int
  @usableFromInline let keyNode: JSONNode
  @usableFromInline let valueNode: JSONNode

  @inlinable
  init(document: JSONDocument, index: Int, keyNode: JSONNode, valueNode: JSONNode) {
    self.document = document
    self.index = index
    self.keyNode = keyNode
    self.valueNode = valueNode
  }

  @inlinable
  package var key: JSONValue { JSONValue(self.document, self.index, self.keyNode) }

  @inlinable
  package var value: JSONValue { JSONValue(self.document, self.index &+ 1, self.valueNode) }

  /// Whether the key is exactly this text.
  @inlinable
  package func isNamed(_ name: StaticString) -> Bool { self.document.holds(self.keyNode, name) }

  package var name: String { self.key.string ?? "" }
}
