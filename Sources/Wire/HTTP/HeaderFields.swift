/// The header fields of one message, in their order, over one block of bytes.
///
/// No field can be in here whose name is not a token or whose value holds a control byte, so whatever is written
/// from here cannot end a line early.
package struct HeaderFields: Sendable {
  private struct Entry {
    var name: Range<Int>
    var value: Range<Int>
  }

  private var storage: [UInt8] = []
  private var entries: [Entry] = []

  package init() {}

  package var count: Int { self.entries.count }
  package var isEmpty: Bool { self.entries.isEmpty }
  package var indices: Range<Int> { 0..<self.entries.count }

  @_lifetime(borrow self)
  package func name(at index: Int) -> Span<UInt8> {
    self.storage.span.extracting(self.entries[index].name)
  }

  @_lifetime(borrow self)
  package func value(at index: Int) -> Span<UInt8> {
    self.storage.span.extracting(self.entries[index].value)
  }

  package func forEach<Failure: Error>(
    _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    for index in self.indices {
      try body(self.name(at: index), self.value(at: index))
    }
  }

  /// Adds a field at the end, blanks around its value left out.
  ///
  /// Answers false, with nothing changed, if the name is no token or the value holds CR, LF, NUL or another
  /// control byte (RFC 9110 5.5).
  @discardableResult
  package mutating func append(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
    if !HTTPBytes.isToken(name) || HTTPBytes.firstControl(in: value, from: 0) < value.count { return false }
    // Few fields are made here, so that one block holds them.
    if self.entries.isEmpty { self.reserve(bytes: 160, fields: 4) }
    self.append(
      checkedName: name, checkedValue: value.extracting(HTTPBytes.trimmed(value.indices, of: value)))
    return true
  }

  @discardableResult
  package mutating func append(name: StaticString, value: String) -> Bool {
    name.withUTF8Buffer { unsafe self.append(name: $0.span, value: value.utf8Span.span) }
  }

  @discardableResult
  package mutating func append(name: String, value: String) -> Bool {
    self.append(name: name.utf8Span.span, value: value.utf8Span.span)
  }

  package func text(at index: Int) -> (name: String, value: String) {
    (HTTPBytes.string(self.name(at: index)), HTTPBytes.string(self.value(at: index)))
  }

  /// Adds a field of another message.
  package mutating func append(copying other: HeaderFields, at index: Int) {
    self.append(checkedName: other.name(at: index), checkedValue: other.value(at: index))
  }

  /// The first field of that name, whatever its case.
  package func index(of name: StaticString) -> Int? {
    for index in self.indices where self.isNamed(name, at: index) { return index }
    return nil
  }

  /// By length first: most are of another one.
  @inline(__always)
  private func isNamed(_ name: StaticString, at index: Int) -> Bool {
    let range = self.entries[index].name
    return range.count == name.utf8CodeUnitCount && HTTPBytes.equal(self.storage.span.extracting(range), name)
  }

  package func contains(_ name: StaticString) -> Bool {
    self.index(of: name) != nil
  }

  /// The value of the first field of that name.
  package func value(of name: StaticString) -> String? {
    guard let index = self.index(of: name) else { return nil }
    return HTTPBytes.string(self.value(at: index))
  }

  /// Whether the first field of that name has just this value.
  package func says(_ value: StaticString, in name: StaticString) -> Bool {
    guard let index = self.index(of: name) else { return false }
    return StringScan.isEqual(self.value(at: index), value)
  }

  package func bytes(of name: StaticString) -> [UInt8]? {
    guard let index = self.index(of: name) else { return nil }
    return Array(self.storage[self.entries[index].value])
  }

  package func values(of name: StaticString) -> [String] {
    var found: [String] = []
    for index in self.indices where self.isNamed(name, at: index) {
      found.append(HTTPBytes.string(self.value(at: index)))
    }
    return found
  }

  /// Whether there are fields of that name with different values.
  package func disagrees(about name: StaticString) -> Bool {
    guard let first = self.index(of: name) else { return false }
    let value = self.entries[first].value
    for index in first + 1..<self.count where self.isNamed(name, at: index) {
      if self.storage[self.entries[index].value] != self.storage[value] { return true }
    }
    return false
  }

  /// Whether any field of that name has `token` as an element of its comma-separated list, in any case; what
  /// follows a semicolon in an element is not looked at.
  package func listContains(_ name: StaticString, _ token: StaticString) -> Bool {
    for index in self.indices where self.isNamed(name, at: index) {
      if ListElements.contains(token, in: self.value(at: index)) { return true }
    }
    return false
  }

  /// Whether the message's Connection fields name that one as meant for the next hop alone (RFC 9110 7.6.1).
  package func isDeclaredOfOneHop(_ name: Span<UInt8>) -> Bool {
    for index in self.indices where self.isNamed("connection", at: index) {
      if ListElements.contains(name, in: self.value(at: index)) { return true }
    }
    return false
  }

  /// Takes out every field of that name.
  package mutating func removeAll(_ name: StaticString) {
    var kept: [Entry] = []
    kept.reserveCapacity(self.entries.count)
    for index in self.indices where !self.isNamed(name, at: index) {
      kept.append(self.entries[index])
    }
    self.entries = kept
  }
}

extension HeaderFields {
  /// Gives back room that nothing is in.
  package mutating func compact() {
    self.storage = self.storage.withoutSpareRoom
    self.entries = self.entries.withoutSpareRoom
  }

  /// Room for a head of that size, so that a typical one costs one block.
  internal mutating func reserve(bytes: Int, fields: Int) {
    self.storage.reserveCapacity(bytes)
    self.entries.reserveCapacity(fields)
  }

  /// As the line it will be written as.
  internal mutating func append(checkedName name: Span<UInt8>, checkedValue value: Span<UInt8>) {
    let start = self.storage.count
    let middle = start + name.count
    self.storage.append(addingCapacity: name.count + value.count + 4) { line in
      line.append(copying: name)
      line.append(copying: ": ")
      line.append(copying: value)
      line.append(copying: "\r\n")
    }
    self.entries.append(Entry(name: start..<middle, value: middle + 2..<middle + 2 + value.count))
  }

  /// Notes a field that stands, checked, at these places of the block that `append(block:)` adds next.
  ///
  /// One copy of all lines costs a third of one copy a name and value.
  internal mutating func append(checkedName name: Range<Int>, checkedValue value: Range<Int>) {
    let start = self.storage.count
    self.entries.append(
      Entry(
        name: name.lowerBound + start..<name.upperBound + start,
        value: value.lowerBound + start..<value.upperBound + start))
  }

  internal mutating func append(block: Span<UInt8>) {
    self.storage.append(copying: block)
  }

  /// Notes a field that stands, checked, at these places of the block that was added last.
  internal mutating func append(nameInBlock name: Range<Int>, valueInBlock value: Range<Int>) {
    self.entries.append(Entry(name: name, value: value))
  }

  /// The whole line with its end, if it stands in a block just as it would be written here.
  @_lifetime(borrow self)
  internal func line(at index: Int) -> Span<UInt8>? {
    let entry = self.entries[index]
    let bytes = self.storage.span
    let (colon, end) = (entry.name.upperBound, entry.value.upperBound)
    guard entry.value.lowerBound == colon + 2, end + 2 <= bytes.count, bytes[colon] == HTTPBytes.colon,
      bytes[colon + 1] == HTTPBytes.space, bytes[end] == HTTPBytes.carriageReturn,
      bytes[end + 1] == HTTPBytes.lineFeed
    else { return nil }
    return bytes.extracting(entry.name.lowerBound..<end + 2)
  }

  /// Continues the last field's value after a blank, as RFC 9112 5.2 lets a client read a folded line.
  internal mutating func continueLast(with more: Span<UInt8>) {
    guard let last = self.entries.indices.last, HTTPBytes.firstControl(in: more, from: 0) == more.count else {
      return
    }
    let value = Array(self.storage[self.entries[last].value])
    let start = self.storage.count
    self.storage.append(contentsOf: value)
    self.storage.append(HTTPBytes.space)
    self.storage.append(copying: more.extracting(HTTPBytes.trimmed(more.indices, of: more)))
    self.entries[last].value = start..<self.storage.count
  }
}

extension HeaderFields: Equatable {
  package static func == (left: Self, right: Self) -> Bool {
    if left.count != right.count { return false }
    for index in left.indices {
      let one = left.entries[index]
      let other = right.entries[index]
      if left.storage[one.name] != right.storage[other.name] { return false }
      if left.storage[one.value] != right.storage[other.value] { return false }
    }
    return true
  }
}

extension Array {
  fileprivate var withoutSpareRoom: [Element] {
    var exact: [Element] = []
    exact.reserveCapacity(self.count)
    exact.append(contentsOf: self)
    return exact
  }
}
