/// Names and ids a target accepts, made so that the same one always gives the same one.
package enum Naming {
  /// Matrix B-name-1: illegal characters become `_`; above the limit the end becomes a hash.
  static func tool(_ name: String, maxLength: Int = 64) -> String {
    let legal = self.legalised(name)
    if legal.utf8.count <= maxLength { return legal }
    return self.hashed(name, maxLength: maxLength)
  }

  /// Unlike any other name.
  static func hashed(_ name: String, maxLength: Int = 64) -> String {
    "\(self.legalised(name).prefix(maxLength - 9))_\(SHA256.hex(name, digits: 8))"
  }

  static func legalised(_ text: String) -> String {
    let utf8 = text.utf8
    if self.isLegal(utf8.span) { return text }
    return String(
      decoding: text.unicodeScalars.map { scalar -> UInt8 in
        guard let byte = UInt8(exactly: scalar.value), self.isLegal(byte) else { return 0x5F }
        return byte
      }, as: UTF8.self)
  }

  private static func isLegal(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices where !self.isLegal(bytes[index]) { return false }
    return true
  }

  private static func isLegal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
    default: false
    }
  }

  /// The name itself, or with `_2`, `_3`, … when it is taken (matrix B-id-2).
  static func unused(_ name: String, among used: Set<String>) -> String {
    var candidate = name
    var number = 2
    while used.contains(candidate) {
      candidate = "\(name)_\(number)"
      number += 1
    }
    return candidate
  }

  /// Matrix B-id-3: nine digits of the hash as one big number, the least significant first.
  static func nineDigits(_ id: String) -> String {
    let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    var number = SHA256.hash(Array(id.utf8))
    var digits: [UInt8] = []
    for _ in 0..<9 {
      var rest = 0
      for index in number.indices {
        let value = rest << 8 | Int(number[index])
        number[index] = UInt8(value / 62)
        rest = value % 62
      }
      digits.append(alphabet[rest])
    }
    return String(decoding: digits, as: UTF8.self)
  }
}

/// How a target wants its call ids.
package enum IDRule: Sendable, Equatable {
  /// As they are, but shortened above that many bytes.
  case pass(maxLength: Int?)
  /// Letters, digits, `_` and `-`.
  case sanitised
  case nineDigits

  func apply(_ id: String) -> String {
    switch self {
    case .pass(let limit):
      guard let limit, limit > 9, id.utf8.count > limit else { return id }
      return "\(Naming.legalised(id).prefix(limit - 9))_\(SHA256.hex(id, digits: 8))"
    case .sanitised: return Naming.legalised(id)
    case .nineDigits: return Naming.nineDigits(id)
    }
  }

  /// For a call without an id; the same in every run, or prompt caches would miss.
  func generated(_ number: Int) -> String {
    switch self {
    case .pass: "call_p\(number)"
    case .sanitised: "toolu_p\(number)"
    case .nineDigits: Naming.nineDigits("call_p\(number)")
    }
  }
}
