/// A numeric address, read without the resolver; IPv4 is kept in its IPv6-mapped form.
package struct IPAddress: Sendable, Equatable {
  package let bytes: [UInt8]

  package init?(_ text: some StringProtocol) {
    let parsed = text.utf8.contains(UInt8(ascii: ":")) ? Self.version6(text) : Self.version4(text)
    guard let parsed else { return nil }
    self.bytes = parsed.count == 4 ? Self.mappedPrefix + parsed : parsed
  }

  package var isLoopback: Bool {
    if self.bytes.starts(with: Self.mappedPrefix) { return self.bytes[12] == 127 }
    return self.bytes.dropLast().allSatisfy { $0 == 0 } && self.bytes.last == 1
  }

  private static let mappedPrefix: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]

  private static func version4(_ text: some StringProtocol) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      // A leading zero is octal to some programs and decimal to others.
      guard part.utf8.allSatisfy(\.isDigit), part.count == 1 || part.first != "0", let byte = UInt8(part)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func version6(_ text: some StringProtocol) -> [UInt8]? {
    var head: [UInt8] = []
    var tail: [UInt8]?
    var groups = text.split(separator: ":", omittingEmptySubsequences: false)[...]
    // "::" at an edge gives two empty groups there; one of them is the edge itself.
    if groups.first?.isEmpty == true {
      groups.removeFirst()
      guard groups.first?.isEmpty == true else { return nil }
    }
    if groups.last?.isEmpty == true {
      groups.removeLast()
      guard groups.last?.isEmpty == true else { return nil }
    }
    while let group = groups.popFirst() {
      if group.isEmpty {
        guard tail == nil else { return nil }
        tail = []
      } else {
        guard let bytes = Self.group(group, isLast: groups.isEmpty) else { return nil }
        if tail == nil { head += bytes } else { tail?.append(contentsOf: bytes) }
      }
    }
    guard let tail else { return head.count == 16 ? head : nil }
    let gap = 16 - head.count - tail.count
    return gap >= 2 ? head + Array(repeating: 0, count: gap) + tail : nil
  }

  private static func group(_ text: some StringProtocol, isLast: Bool) -> [UInt8]? {
    if isLast, text.contains(".") { return Self.version4(text) }
    guard text.utf8.count <= 4, text.utf8.allSatisfy(\.isHexDigit), let value = UInt16(text, radix: 16)
    else { return nil }
    return [UInt8(value >> 8), UInt8(value & 0xFF)]
  }
}
