internal import Settings
package import Wire

/// Header fields on their way to an upstream: set and taken away by name, and spelled as libcurl takes them.
package struct OutboundFields {
  /// A whole line; its name ends before the colon, or before the semicolon that stands for an empty value.
  private struct Field {
    let line: [UInt8]
    let nameCount: Int

    init(_ name: Span<UInt8>, _ value: Span<UInt8>) {
      var line: [UInt8] = []
      line.reserveCapacity(name.count + value.count + 2)
      line.append(copying: name)
      // How libcurl spells a field whose value is empty.
      line.append(literal: value.isEmpty ? ";" : ": ")
      line.append(copying: value)
      self.line = line
      self.nameCount = name.count
    }

    func isNamed(_ name: Span<UInt8>) -> Bool {
      guard self.nameCount == name.count else { return false }
      let own = self.line.span
      for index in name.indices where Self.lower(own[index]) != Self.lower(name[index]) { return false }
      return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
      byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
  }

  private var fields: [Field] = []

  package init() {}

  /// A client's own, but for those of one hop, of this host and of credentials.
  package init(relaying client: HeaderFields) {
    self.fields.reserveCapacity(client.count + 6)
    for index in client.indices where ForwardedHeaders.passes(client.name(at: index), client) {
      self.fields.append(Field(client.name(at: index), client.value(at: index)))
    }
  }

  package func contains(_ name: String) -> Bool { self.index(of: name.utf8Span.span) != nil }

  private func index(of name: Span<UInt8>) -> Int? {
    for index in self.fields.indices where self.fields[index].isNamed(name) { return index }
    return nil
  }

  /// Replaces every field of that name, in whatever case, at the place of the first.
  package mutating func set(_ name: String, _ value: String) {
    let field = Field(name.utf8Span.span, value.utf8Span.span)
    guard let index = self.index(of: name.utf8Span.span) else { return self.fields.append(field) }
    self.remove(name)
    self.fields.insert(field, at: index)
  }

  package mutating func remove(_ name: String) {
    while let index = self.index(of: name.utf8Span.span) { self.fields.remove(at: index) }
  }

  /// Sets a default field unless the operator wants none.
  mutating func set(_ name: String, unlessEmpty value: String) {
    if !value.isEmpty { self.set(name, value) }
  }

  /// What a client's own fields may lack.
  mutating func complete(userAgent: String) {
    if !self.contains("content-type") { self.set("content-type", "application/json") }
    if !self.contains("user-agent") { self.set("user-agent", unlessEmpty: userAgent) }
  }

  mutating func apply(_ wishes: [HeaderSetting]) {
    for wish in wishes {
      if let value = wish.value { self.set(wish.name, value.revealed) } else { self.remove(wish.name) }
    }
  }

  /// Whole lines; of the fields libcurl would add by itself none appears that is not here.
  package var lines: [[UInt8]] {
    var lines = self.fields.map(\.line)
    for name in ["accept", "user-agent", "content-type", "expect"] where !self.contains(name) {
      lines.append(Array("\(name):".utf8))
    }
    return lines
  }
}
