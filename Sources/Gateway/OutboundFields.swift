internal import Settings
package import Wire

/// Header fields on their way to an upstream: set and taken away by name, then spelled as libcurl takes them.
package struct OutboundFields {
  private var fields: [(name: [UInt8], value: [UInt8])] = []

  package init() {}

  /// A client's own, but for those of one hop, of this host and of credentials.
  package init(relaying client: HeaderFields) {
    for index in client.indices where ForwardedHeaders.passes(client.name(at: index), client) {
      var field: (name: [UInt8], value: [UInt8]) = ([], [])
      field.name.append(copying: client.name(at: index))
      field.value.append(copying: client.value(at: index))
      self.fields.append(field)
    }
  }

  package func contains(_ name: String) -> Bool {
    self.fields.contains { Self.isSame($0.name, name) }
  }

  /// Replaces every field of that name, in whatever case, at the place of the first.
  package mutating func set(_ name: String, _ value: String) {
    let field = (name: Array(name.utf8), value: Array(value.utf8))
    if let index = self.fields.firstIndex(where: { Self.isSame($0.name, name) }) {
      self.fields[index] = field
      self.fields = self.fields.enumerated()
        .filter { $0.offset <= index || !Self.isSame($0.element.name, name) }.map(\.element)
    } else {
      self.fields.append(field)
    }
  }

  package mutating func remove(_ name: String) {
    self.fields.removeAll { Self.isSame($0.name, name) }
  }

  /// Sets a default field unless the operator wants none.
  mutating func set(_ name: String, unlessEmpty value: String) {
    if !value.isEmpty { self.set(name, value) }
  }

  mutating func apply(_ wishes: [HeaderSetting]) {
    for wish in wishes {
      if let value = wish.value { self.set(wish.name, value.revealed) } else { self.remove(wish.name) }
    }
  }

  /// Whole lines; of the fields libcurl would add by itself none appears that is not here.
  package var lines: [[UInt8]] {
    var lines = self.fields.map { field in
      // How libcurl spells a field whose value is empty.
      field.name + (field.value.isEmpty ? Array(";".utf8) : Array(": ".utf8) + field.value)
    }
    for name in ["accept", "user-agent", "content-type", "expect"] where !self.contains(name) {
      lines.append(Array("\(name):".utf8))
    }
    return lines
  }

  private static func isSame(_ left: [UInt8], _ right: String) -> Bool {
    left.count == right.utf8.count && zip(left, right.utf8).allSatisfy { Self.lower($0) == Self.lower($1) }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}
