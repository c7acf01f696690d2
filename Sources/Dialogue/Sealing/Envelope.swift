package import Wire

/// Keys that sign envelopes: the current one first, older ones still open what they signed.
package struct EnvelopeKeys: Sendable {
  package struct Key: Sendable {
    package let id: String
    package let bytes: [UInt8]

    package init(id: String, bytes: [UInt8]) {
      self.id = id
      self.bytes = bytes
    }
  }

  /// Without a key envelopes are unsigned: tests and the filter's `--deterministic` only.
  package let keys: [Key]

  package init(_ keys: [Key]) { self.keys = keys }

  package static let unsigned = EnvelopeKeys([])
}

/// Opaque reasoning on its way through a client of another protocol, so that it returns to its origin and to
/// nobody else.
///
/// `px1:` and base64url of compact JSON; signed ones add `.`, the key's id, `.` and base64url of the MAC.
package struct Envelope {
  private static let prefix = "px1:"

  package let payload: JSONValue

  var kind: String { self.payload["k"]?.string ?? "" }
  var isFromChat: Bool { self.kind == "chat" || self.kind == "or" }
  /// OpenRouter's details, merged by index.
  var details: JSONValue? { self.kind == "or" ? self.payload.present("d") : nil }

  /// Nil for anything this daemon did not make.
  static func open(_ text: Text, _ keys: EnvelopeKeys) -> Envelope? {
    guard text.hasPrefix(self.prefix) else { return nil }
    let fields = text.plainBytes.dropFirst(self.prefix.utf8.count).split(
      separator: 0x2E, omittingEmptySubsequences: false)
    guard let body = fields.first, let bytes = Base64.decode(body) else { return nil }
    if !keys.keys.isEmpty {
      guard fields.count == 3, let mac = Base64.decode(fields[2]) else { return nil }
      let id = String(decoding: fields[1], as: UTF8.self)
      guard let key = keys.keys.first(where: { $0.id == id }),
        self.isEqual(mac, SHA256.authenticate(self.signed(Array(body), id), key: key.bytes))
      else { return nil }
    } else if fields.count != 1 {
      return nil
    }
    guard let document = try? JSONDocument(bytes), document.root.kind == .object else { return nil }
    return Envelope(payload: document.root)
  }

  /// The envelope's text, which needs no escapes.
  static func seal(_ payload: [UInt8], _ keys: EnvelopeKeys) -> [UInt8] {
    let body = Base64.encodeURL(payload)
    var output = Array(self.prefix.utf8) + body
    if let key = keys.keys.first {
      let mac = SHA256.authenticate(self.signed(body, key.id), key: key.bytes)
      output += Array(".\(key.id).".utf8) + Base64.encodeURL(mac)
    }
    return output
  }

  private static func signed(_ body: [UInt8], _ id: String) -> [UInt8] {
    Array(self.prefix.utf8) + body + Array(".\(id)".utf8)
  }

  /// Takes as long for a near miss as for a wild guess.
  private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
