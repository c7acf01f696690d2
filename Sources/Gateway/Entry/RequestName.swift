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
    let count = UInt64(self.count)
    return unsafe String(unsafeUninitializedCapacity: 28) { name in
      unsafe name.initializeElement(at: 0, to: UInt8(ascii: "r"))
      unsafe name.initializeElement(at: 1, to: UInt8(ascii: "e"))
      unsafe name.initializeElement(at: 2, to: UInt8(ascii: "q"))
      unsafe name.initializeElement(at: 3, to: UInt8(ascii: "_"))
      for index in 0..<24 {
        let word = index < 16 ? self.salt >> UInt64(60 - 4 * index) : count >> UInt64(92 - 4 * index)
        unsafe name.initializeElement(at: index + 4, to: Self.digit(word))
      }
      return 28
    }
  }

  private static func digit(_ value: UInt64) -> UInt8 {
    let nibble = UInt8(truncatingIfNeeded: value & 15)
    return nibble < 10 ? 0x30 + nibble : 0x57 + nibble
  }
}
