/// Turns bytes into the tape of a `JSONDocument`, checking RFC 8259 and UTF-8 in one pass.
struct JSONParser: ~Escapable {
  private static let noParent = Int(UInt32.max)

  private let bytes: Span<UInt8>
  private let limits: JSONLimits
  private var position = 0
  private var open = JSONParser.noParent
  private var isInObject = false
  private var depth = 0
  /// All bytes of strings, one over the other: whether one is no ASCII.
  private var seen: UInt64 = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func parse(into nodes: inout [JSONNode]) throws(JSONError) {
    guard self.bytes.count <= self.limits.maxBytes, self.bytes.count < Int(UInt32.max) / 2 else {
      throw JSONError(.tooLarge, at: 0, in: self.bytes)
    }
    // Measured on agents' requests: a value for every 30 bytes or so.
    nodes.reserveCapacity(min(self.bytes.count / 32, 1 << 16))
    repeat {
      if try self.beginValue(&nodes) { continue }
      while self.open != Self.noParent {
        let byte = try self.nextByte()
        guard byte == 0x2C else {
          try self.close(byte, &nodes)
          continue
        }
        self.position &+= 1
        if self.isInObject { try self.key(&nodes) }
        break
      }
    } while self.open != Self.noParent
    self.skipWhitespace()
    guard self.position == self.bytes.count else { throw self.failure(.trailingBytes) }
    if StringScan.isForeign(self.seen), let place = UTF8Check.fault(in: self.bytes) {
      throw JSONError(.badUTF8, at: place, in: self.bytes)
    }
  }

  /// Reads the one string whose quote is at `start`: where it ends and what it holds, as a node's flags.
  mutating func string(at start: Int) throws(JSONError) -> (end: Int, flags: UInt8) {
    self.position = start
    self.seen = 0
    let flags = try self.skipString()
    if StringScan.isForeign(self.seen), let place = UTF8Check.place(in: self.bytes, start..<self.position) {
      throw JSONError(.badUTF8, at: place, in: self.bytes)
    }
    return (self.position, flags)
  }

  /// Reads a whole value or the beginning of one; true when another value must follow at once.
  @inline(__always)
  private mutating func beginValue(_ nodes: inout [JSONNode]) throws(JSONError) -> Bool {
    let byte = try self.nextByte()
    switch byte {
    case 0x7B:
      try self.begin(.object, &nodes)
      if try self.nextByte() != 0x7D {
        try self.key(&nodes)
        return true
      }
      try self.close(0x7D, &nodes)
    case 0x5B:
      try self.begin(.array, &nodes)
      if try self.nextByte() != 0x5D { return true }
      try self.close(0x5D, &nodes)
    default:
      try self.leaf(byte, &nodes)
    }
    return false
  }

  /// A member's name and its colon.
  private mutating func key(_ nodes: inout [JSONNode]) throws(JSONError) {
    guard try self.nextByte() == 0x22 else { throw self.failure(.unexpectedByte) }
    // Most names are short and plain.
    if let end = StringScan.shortEnd(self.bytes, from: self.position &+ 1) {
      nodes.append(
        JSONNode(start: self.position, end: end &+ 1, next: nodes.count &+ 1, kind: .string))
      self.position = end &+ 1
    } else {
      try self.leaf(0x22, &nodes)
    }
    guard try self.nextByte() == 0x3A else { throw self.failure(.unexpectedByte) }
    self.position &+= 1
  }

  /// What comes first in the text counts, and bytes of strings are judged at the end.
  @inline(never)
  private func failure(_ reason: JSONError.Reason) -> JSONError {
    if let place = UTF8Check.place(in: self.bytes, 0..<self.position) {
      return JSONError(.badUTF8, at: place, in: self.bytes)
    }
    return JSONError(reason, at: self.position, in: self.bytes)
  }

  /// The next byte that is no white space; mostly there is none.
  @inline(__always)
  private mutating func nextByte() throws(JSONError) -> UInt8 {
    if self.position < self.bytes.count, self.bytes[self.position] > 0x20 { return self.bytes[self.position] }
    self.skipWhitespace()
    guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
    return self.bytes[self.position]
  }

  @inline(never)
  private mutating func skipWhitespace() {
    while self.position < self.bytes.count {
      let byte = self.bytes[self.position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      self.position &+= 1
    }
  }

  // MARK: Entries

  private mutating func begin(_ kind: JSONKind, _ nodes: inout [JSONNode]) throws(JSONError) {
    self.depth += 1
    guard self.depth <= self.limits.maxDepth else { throw self.failure(.tooDeep) }
    nodes.append(JSONNode(start: self.position, end: 0, next: self.open, kind: kind))
    self.open = nodes.count - 1
    self.isInObject = kind == .object
    self.position += 1
  }

  private mutating func close(_ byte: UInt8, _ nodes: inout [JSONNode]) throws(JSONError) {
    guard byte == (self.isInObject ? 0x7D : 0x5D) else { throw self.failure(.unexpectedByte) }
    self.position += 1
    self.depth -= 1
    let node = nodes[self.open]
    nodes[self.open] = JSONNode(start: node.start, end: self.position, next: nodes.count, kind: node.kind)
    self.open = node.next
    self.isInObject = self.open != Self.noParent && nodes[self.open].kind == .object
  }

  private mutating func leaf(_ byte: UInt8, _ nodes: inout [JSONNode]) throws(JSONError) {
    let start = self.position
    let kind: JSONKind
    var flags: UInt8 = 0
    switch byte {
    case 0x22:
      kind = .string
      flags = try self.skipString()
    case 0x2D, 0x30...0x39:
      kind = .number
      try self.skipNumber()
    case 0x74:
      kind = .bool
      try self.skip("true")
    case 0x66:
      kind = .bool
      try self.skip("false")
    case 0x6E:
      kind = .null
      try self.skip("null")
    default:
      throw self.failure(.unexpectedByte)
    }
    nodes.append(JSONNode(start: start, end: self.position, next: nodes.count + 1, kind: kind, flags: flags))
  }

  // MARK: Words and numbers

  @inline(__always)
  private mutating func skip(_ word: StaticString) throws(JSONError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
      // In bounds: the index is below the word's count.
      guard unsafe self.bytes[self.position] == word.utf8Start[index] else {
        throw self.failure(.unexpectedByte)
      }
      self.position &+= 1
    }
  }

  private mutating func skipNumber() throws(JSONError) {
    if self.bytes[self.position] == 0x2D { self.position += 1 }
    if self.position < self.bytes.count, self.bytes[self.position] == 0x30 {
      self.position += 1
    } else {
      try self.skipDigits()
    }
    if self.position < self.bytes.count, self.bytes[self.position] == 0x2E {
      self.position += 1
      try self.skipDigits()
    }
    if self.position < self.bytes.count, self.bytes[self.position] | 0x20 == 0x65 {
      self.position += 1
      if self.position < self.bytes.count,
        self.bytes[self.position] == 0x2B || self.bytes[self.position] == 0x2D
      {
        self.position += 1
      }
      try self.skipDigits()
    }
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = self.position
    while self.position < self.bytes.count, self.bytes[self.position] &- 0x30 <= 9 { self.position += 1 }
    guard self.position > start else {
      throw self.failure(self.position < self.bytes.count ? .badNumber : .unexpectedEnd)
    }
  }

  // MARK: Strings

  /// What the string holds, as a node's flags.
  @inline(__always)
  private mutating func skipString() throws(JSONError) -> UInt8 {
    self.position &+= 1
    if let end = StringScan.shortEnd(self.bytes, from: self.position) {
      self.position = end &+ 1
      return 0
    }
    var flags: UInt8 = 0
    var seen: UInt64 = 0
    defer { self.seen |= seen }
    while true {
      self.position = StringScan.contentEnd(self.bytes, from: self.position, seen: &seen)
      guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
      switch self.bytes[self.position] {
      case 0x22:
        self.position &+= 1
        return flags
      case 0x5C:
        flags |= JSONNode.escaped
        let next = self.position &+ 1
        if next < self.bytes.count, Self.isSimpleEscape(self.bytes[next]) {
          self.position &+= 2
        } else if try self.skipEscape() {
          flags |= JSONNode.loneSurrogate
        }
      default:
        throw self.failure(.controlCharacter)
      }
    }
  }

  /// One character behind the backslash says it all.
  @inline(__always)
  private static func isSimpleEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: true
    default: false
    }
  }

  /// Steps over an escape by number (two for a surrogate pair); true when it is half a pair.
  @inline(never)
  private mutating func skipEscape() throws(JSONError) -> Bool {
    guard self.position + 1 < self.bytes.count else { throw self.failure(.unexpectedEnd) }
    switch self.bytes[self.position + 1] {
    case 0x75:
      guard let unit = JSONText.codeUnit(self.bytes, at: self.position) else {
        throw self.failure(self.position + 6 > self.bytes.count ? .unexpectedEnd : .badEscape)
      }
      self.position += 6
      guard unit & 0xF800 == 0xD800 else { return false }
      guard unit < 0xDC00, let low = JSONText.codeUnit(self.bytes, at: self.position), low & 0xFC00 == 0xDC00
      else { return true }
      self.position += 6
      return false
    default:
      throw self.failure(.badEscape)
    }
  }
}
