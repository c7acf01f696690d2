/// A key that must not reach a log line: it prints as `set`, and only `revealed` gives it away.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let bytes: [UInt8]

  package init(_ text: String) { self.bytes = Array(text.utf8) }

  package var revealed: String { String(decoding: self.bytes, as: UTF8.self) }
  package var byteCount: Int { self.bytes.count }
  package var description: String { "set" }
  package var debugDescription: String { "Secret(set)" }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// Takes as long for a wrong first byte as for a wrong last one; only the candidate's own length shows.
  package func matches(_ candidate: some Collection<UInt8>) -> Bool {
    var difference: UInt8 = self.bytes.count == candidate.count ? 0 : 1
    var own = 0
    for byte in candidate {
      difference |= byte ^ (own < self.bytes.count ? self.bytes[own] : 0)
      own += 1
      if own >= self.bytes.count { own = 0 }
    }
    return difference == 0
  }

  package static func == (left: Secret, right: Secret) -> Bool { left.matches(right.bytes) }

  /// Whether it can stand in a header field: visible ASCII without blanks.
  var isHeaderSafe: Bool { !self.bytes.isEmpty && self.bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

  func hasPrefix(_ prefix: String) -> Bool { self.bytes.starts(with: prefix.utf8) }
  func isLiterally(_ text: String) -> Bool { self.bytes.elementsEqual(text.utf8) }
}
