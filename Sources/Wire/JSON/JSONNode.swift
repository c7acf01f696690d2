/// What a JSON value is.
package enum JSONKind: UInt8, Sendable {
  case null
  case bool
  case number
  case string
  case array
  case object

  /// With its article, for messages such as "expected a string".
  package var words: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// A range of a document's bytes.
package struct JSONSlice: Hashable, Sendable {
  package let offset: Int
  package let count: Int

  package init(offset: Int, count: Int) {
    self.offset = offset
    self.count = count
  }

  package var range: Range<Int> { self.offset..<(self.offset + self.count) }
}

/// One entry of a document's tape: four integers, written once by the parser.
///
/// Children follow their container; the key of a member is a string node in front of its value.
struct JSONNode {
  static let escaped: UInt8 = 1
  static let loneSurrogate: UInt8 = 2

  /// The first byte of the value (a string's opening quote).
  var start: UInt32
  /// One past the last byte.
  var end: UInt32
  /// The node after this one and all it holds; while a container is open, its parent.
  var next: UInt32
  var kind: JSONKind
  var flags: UInt8

  /// Of a string: what stands between its quotes.
  var content: JSONSlice { JSONSlice(offset: Int(self.start) &+ 1, count: Int(self.end &- self.start) &- 2) }
}
