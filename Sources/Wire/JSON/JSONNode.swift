/// What a JSON value is.
@usableFromInline
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
@usableFromInline
package struct JSONSlice: Hashable, Sendable {
  @usableFromInline package let offset: Int
  @usableFromInline package let count: Int

  @inlinable
  package init(offset: Int, count: Int) {
    self.offset = offset
    self.count = count
  }

  @inlinable
  package var range: Range<Int> { self.offset..<(self.offset + self.count) }
}

/// One entry of a document's tape, written once by the parser.
///
/// Children follow their container; the key of a member is a string node in front of its value. Two words, so that
/// a value with its document and its index travels in four registers.
@usableFromInline
package struct JSONNode {
  @usableFromInline static let escaped: UInt8 = 1
  @usableFromInline static let loneSurrogate: UInt8 = 2

  /// Start and, in the upper half, end.
  @usableFromInline var extent: UInt64
  /// Next, kind from bit 32, flags from bit 40.
  @usableFromInline var rest: UInt64

  init(start: Int, end: Int, next: Int, kind: JSONKind, flags: UInt8 = 0) {
    self.extent = UInt64(truncatingIfNeeded: start) | UInt64(truncatingIfNeeded: end) &<< 32
    self.rest =
      UInt64(truncatingIfNeeded: next) | UInt64(kind.rawValue) &<< 32 | UInt64(flags) &<< 40
  }

  /// Moves start and end; the text is known to reach as far.
  @inline(__always)
  mutating func move(start: Int, end: Int) {
    self.extent =
      UInt64(truncatingIfNeeded: self.start &+ start) | UInt64(truncatingIfNeeded: self.end &+ end) &<< 32
  }

  mutating func setFlags(_ flags: UInt8) {
    self.rest = self.rest & 0xFF_FFFF_FFFF | UInt64(flags) &<< 40
  }

  /// The first byte of the value (a string's opening quote).
  @inlinable var start: Int { Int(truncatingIfNeeded: self.extent & 0xFFFF_FFFF) }

  /// One past the last byte.
  @inlinable var end: Int { Int(truncatingIfNeeded: self.extent &>> 32) }

  /// The node after this one and all it holds; while a container is open, its parent.
  @inlinable var next: Int { Int(truncatingIfNeeded: self.rest & 0xFFFF_FFFF) }

  @inlinable var kind: JSONKind { JSONKind(rawValue: UInt8(truncatingIfNeeded: self.rest &>> 32)) ?? .null }
  @inlinable var flags: UInt8 { UInt8(truncatingIfNeeded: self.rest &>> 40) }

  /// Of a string: what stands between its quotes.
  @inlinable var content: JSONSlice { JSONSlice(offset: self.start &+ 1, count: self.end &- self.start &- 2) }
}
