/// Names requests, so that a client's complaint finds its log line: `req_` and 24 hexadecimal digits.
package struct RequestNames: Sendable {
  private let salt: UInt64
  private var count: UInt32 = 0

  /// `salt` tells this maker's names from all others'.
  package init(salt: UInt64) {
    self.salt = salt
  }

  package mutating func next() -> String {
    self.count &+= 1
    var digits: [UInt8] = Array("req_".utf8)
    digits.reserveCapacity(28)
    for shift in stride(from: 60, through: 0, by: -4) {
      digits.append(Self.digit(self.salt >> UInt64(shift)))
    }
    for shift in stride(from: 28, through: 0, by: -4) {
      digits.append(Self.digit(UInt64(self.count) >> UInt64(shift)))
    }
    return String(decoding: digits, as: UTF8.self)
  }

  private static func digit(_ value: UInt64) -> UInt8 {
    let nibble = UInt8(truncatingIfNeeded: value & 15)
    return nibble < 10 ? 0x30 + nibble : 0x57 + nibble
  }
}
