/// Turns bytes into the tape of a `JSONDocument`, checking RFC 8259 and UTF-8 in one pass.
struct JSONParser: ~Escapable {
  private enum Expectation {
    case value
    case firstElementOrEnd
    case firstKeyOrEnd
    case key
    case commaOrEnd
  }

  private static let noParent = Int(UInt32.max)

  private let bytes: Span<UInt8>
  private let limits: JSONLimits
  private var position = 0
  private var open = JSONParser.noParent
  private var depth = 0

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
    var expectation = Expectation.value
    while true {
      self.skipWhitespace()
      guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
      let byte = self.bytes[self.position]
      switch expectation {
      case .firstElementOrEnd where byte == 0x5D:
        try self.close(byte, &nodes)
        expectation = .commaOrEnd
      case .firstKeyOrEnd where byte == 0x7D:
        try self.close(byte, &nodes)
        expectation = .commaOrEnd
      case .value, .firstElementOrEnd:
        expectation = try self.value(byte, &nodes)
      case .key, .firstKeyOrEnd:
        guard byte == 0x22 else { throw self.failure(.unexpectedByte) }
        try self.string(&nodes)
        self.skipWhitespace()
        guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
        guard self.bytes[self.position] == 0x3A else { throw self.failure(.unexpectedByte) }
        self.position += 1
        expectation = .value
      case .commaOrEnd:
        if byte == 0x2C {
          self.position += 1
          expectation = nodes[self.open].kind == .object ? .key : .value
        } else {
          try self.close(byte, &nodes)
        }
      }
      if self.open == Self.noParent, expectation == .commaOrEnd { break }
    }
    self.skipWhitespace()
    guard self.position == self.bytes.count else { throw self.failure(.trailingBytes) }
  }

  private func failure(_ reason: JSONError.Reason) -> JSONError {
    JSONError(reason, at: self.position, in: self.bytes)
  }

  private mutating func skipWhitespace() {
    while self.position < self.bytes.count {
      let byte = self.bytes[self.position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      self.position &+= 1
    }
  }

  private mutating func value(_ byte: UInt8, _ nodes: inout [JSONNode]) throws(JSONError) -> Expectation {
    switch byte {
    case 0x22:
      try self.string(&nodes)
    case 0x7B:
      try self.begin(.object, &nodes)
      return .firstKeyOrEnd
    case 0x5B:
      try self.begin(.array, &nodes)
      return .firstElementOrEnd
    case 0x2D, 0x30...0x39:
      try self.number(&nodes)
    case 0x74:
      try self.literal("true", .bool, &nodes)
    case 0x66:
      try self.literal("false", .bool, &nodes)
    case 0x6E:
      try self.literal("null", .null, &nodes)
    default:
      throw self.failure(.unexpectedByte)
    }
    return .commaOrEnd
  }

  private mutating func begin(_ kind: JSONKind, _ nodes: inout [JSONNode]) throws(JSONError) {
    self.depth += 1
    guard self.depth <= self.limits.maxDepth else { throw self.failure(.tooDeep) }
    nodes.append(JSONNode(start: self.position, end: 0, next: self.open, kind: kind))
    self.open = nodes.count - 1
    self.position += 1
  }

  private mutating func close(_ byte: UInt8, _ nodes: inout [JSONNode]) throws(JSONError) {
    let node = nodes[self.open]
    guard byte == (node.kind == .object ? 0x7D : 0x5D) else { throw self.failure(.unexpectedByte) }
    self.position += 1
    self.depth -= 1
    nodes[self.open] = JSONNode(start: node.start, end: self.position, next: nodes.count, kind: node.kind)
    self.open = node.next
  }

  private mutating func leaf(
    _ kind: JSONKind, from start: Int, flags: UInt8 = 0, _ nodes: inout [JSONNode]
  ) {
    nodes.append(
      JSONNode(start: start, end: self.position, next: nodes.count + 1, kind: kind, flags: flags))
  }

  private mutating func literal(
    _ word: String, _ kind: JSONKind, _ nodes: inout [JSONNode]
  ) throws(JSONError) {
    let start = self.position
    for expected in word.utf8 {
      guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
      guard self.bytes[self.position] == expected else { throw self.failure(.unexpectedByte) }
      self.position += 1
    }
    self.leaf(kind, from: start, &nodes)
  }

  private mutating func number(_ nodes: inout [JSONNode]) throws(JSONError) {
    let start = self.position
    if self.bytes[self.position] == 0x2D { self.position += 1 }
    if self.position < self.bytes.count, self.bytes[self.position] == 0x30 {
      self.position += 1
    } else {
      try self.digits()
    }
    if self.position < self.bytes.count, self.bytes[self.position] == 0x2E {
      self.position += 1
      try self.digits()
    }
    if self.position < self.bytes.count, self.bytes[self.position] | 0x20 == 0x65 {
      self.position += 1
      if self.position < self.bytes.count,
        self.bytes[self.position] == 0x2B || self.bytes[self.position] == 0x2D
      {
        self.position += 1
      }
      try self.digits()
    }
    self.leaf(.number, from: start, &nodes)
  }

  private mutating func digits() throws(JSONError) {
    let start = self.position
    while self.position < self.bytes.count, self.bytes[self.position] &- 0x30 <= 9 { self.position += 1 }
    guard self.position > start else {
      throw self.failure(self.position < self.bytes.count ? .badNumber : .unexpectedEnd)
    }
  }

  private mutating func string(_ nodes: inout [JSONNode]) throws(JSONError) {
    let start = self.position
    var flags: UInt8 = 0
    self.position += 1
    while true {
      self.position = StringScan.contentEnd(self.bytes, from: self.position)
      guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
      switch self.bytes[self.position] {
      case 0x22:
        self.position += 1
        self.leaf(.string, from: start, flags: flags, &nodes)
        return
      case 0x5C:
        flags |= JSONNode.escaped
        if try self.escape() { flags |= JSONNode.loneSurrogate }
      case 0x80...:
        throw self.failure(.badUTF8)
      default:
        throw self.failure(.controlCharacter)
      }
    }
  }

  /// Steps over one escape (two for a surrogate pair); true when it is half a pair.
  private mutating func escape() throws(JSONError) -> Bool {
    guard self.position + 1 < self.bytes.count else { throw self.failure(.unexpectedEnd) }
    switch self.bytes[self.position + 1] {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
      self.position += 2
      return false
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
