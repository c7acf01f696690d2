internal import Wire

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
    return String("req_", digitsOf: self.salt, UInt64(self.count) << 32)
  }
}
