/// Bytes on their way: appended at the end by whoever reads or writes a stream, taken from the front by whoever
/// parses or sends it.
///
/// An empty queue that was never filled, or was given `removeAll()`, holds no heap. Taking from the front moves a
/// mark; the bytes before it are squeezed out only when they are at least as many as those behind it, so every
/// byte is moved at most once on average.
package struct ByteQueue: Sendable {
  /// What an emptied queue may keep for its next use.
  package static let keptCapacity = 64 * 1024

  /// Whether storage had better be made anew for its next use, which will need about as much as the last one did: the
  /// first event of a stream comes with a head and is long, and the others wait for each other.
  @inlinable
  package static func isWasteful(_ capacity: Int, for count: Int) -> Bool {
    capacity > 512 && (capacity > Self.keptCapacity || count < capacity / 4)
  }

  @usableFromInline
  internal var storage: [UInt8] = []

  @usableFromInline
  internal var consumed = 0

  @inlinable
  package init() {}

  @inlinable
  package var count: Int { self.storage.count - self.consumed }

  @inlinable
  package var isEmpty: Bool { self.storage.count == self.consumed }

  /// What the queue holds on to, readable or not.
  @inlinable
  package var capacity: Int { self.storage.capacity }

  /// The readable bytes, the oldest first.
  @inlinable
  package var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { self.storage.span.extracting(droppingFirst: self.consumed) }
  }

  /// Drops the oldest bytes; asking for more than there are drops them all.
  @inlinable
  package mutating func consume(_ count: Int) {
    if count <= 0 { return }
    if count < self.count {
      self.consumed += count
      return
    }
    self.removeAll(keepingCapacity: !Self.isWasteful(self.storage.capacity, for: self.storage.count))
  }

  @inlinable
  package mutating func removeAll(keepingCapacity: Bool = false) {
    self.storage.removeAll(keepingCapacity: keepingCapacity)
    self.consumed = 0
  }

  @inlinable
  package mutating func append(byte: UInt8) {
    self.squeeze()
    self.storage.append(byte)
  }

  @inlinable
  package mutating func append(_ bytes: Span<UInt8>) {
    self.squeeze()
    self.storage.append(copying: bytes)
  }

  @inlinable
  package mutating func append(_ bytes: [UInt8]) {
    self.squeeze()
    self.storage.append(contentsOf: bytes)
  }

  @inlinable
  package mutating func append(_ text: StaticString) {
    self.squeeze()
    self.storage.append(copying: text)
  }

  @inlinable
  @_disfavoredOverload
  package mutating func append(_ text: String) {
    self.squeeze()
    self.storage.append(copying: text)
  }

  package mutating func append(decimal number: Int) {
    self.squeeze()
    self.storage.append(decimal: number)
  }

  package mutating func append(hexadecimal number: UInt) {
    self.squeeze()
    self.storage.append(hexadecimal: number)
  }

  /// Lets `fill` write up to `count` bytes straight behind the last one, so that a socket is read without a copy.
  @inlinable
  package mutating func append<Failure: Error>(
    upTo count: Int, filledBy fill: (inout OutputSpan<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    self.squeeze()
    try self.storage.append(addingCapacity: max(count, 0), initializingWith: fill)
  }

  @inlinable
  internal mutating func squeeze() {
    if self.consumed == 0 || self.consumed < self.count { return }
    self.storage.removeSubrange(0..<self.consumed)
    self.consumed = 0
  }
}

extension [UInt8] {
  /// A literal is no string of its own: see the other one.
  @inlinable
  @_disfavoredOverload
  package mutating func append(copying text: String) {
    self.append(copying: text.utf8Span.span)
  }

  @inlinable
  package mutating func append(copying text: StaticString) {
    text.withUTF8Buffer { unsafe self.append(contentsOf: $0) }
  }
}
