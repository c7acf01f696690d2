/// A plain URL, taken apart; anything unusual about it is libcurl's business.
struct DirectURL {
  let authority: String
  let target: String

  init?(_ url: String) {
    let scheme = "http://"
    guard url.hasPrefix(scheme) else { return nil }
    let rest = url.utf8.dropFirst(scheme.utf8.count)
    let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
    let (authority, target) = (rest[..<end], rest[end...])
    guard Self.isPlain(authority: authority), Self.isPlain(target: target) else { return nil }
    let host = authority.hasSuffix(":80") ? authority.dropLast(3) : authority
    self.authority = String(Substring(host))
    self.target = (target.first == UInt8(ascii: "/") ? "" : "/") + String(Substring(target))
  }

  /// A name or an IPv4 address, or an IPv6 address in brackets; then perhaps a port.
  private static func isPlain(authority: Substring.UTF8View) -> Bool {
    var host = authority
    if authority.first == UInt8(ascii: "[") {
      guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { return false }
      let address = authority[authority.index(after: authority.startIndex)..<end]
      guard !address.isEmpty, address.allSatisfy({ Self.isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E })
      else {
        return false
      }
      host = authority[authority.index(after: end)...]
      if host.isEmpty { return true }
      return host.first == UInt8(ascii: ":") && Self.isPort(host.dropFirst())
    }
    if let colon = authority.firstIndex(of: UInt8(ascii: ":")) {
      guard Self.isPort(authority[authority.index(after: colon)...]) else { return false }
      host = authority[..<colon]
    }
    guard host.allSatisfy({ Self.isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }) else {
      return false
    }
    let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard let last = labels.last(where: { !$0.isEmpty })?.first else { return false }
    // `127.1` and `0x7f.1` are addresses too, which libcurl spells out.
    return !(0x30...0x39).contains(last) || labels.count == 4 && labels.allSatisfy(Self.isDecimalOctet)
  }

  private static func isDecimalOctet(_ text: Substring.UTF8View) -> Bool {
    guard (1...3).contains(text.count), text.count == 1 || text.first != 0x30 else { return false }
    guard let number = Int(String(Substring(text))) else { return false }
    return (0...255).contains(number)
  }

  private static func isPort(_ text: Substring.UTF8View) -> Bool {
    guard (1...5).contains(text.count), text.first != UInt8(ascii: "0") else { return false }
    var number = 0
    for byte in text {
      guard (0x30...0x39).contains(byte) else { return false }
      number = number * 10 + Int(byte & 0x0F)
    }
    return number <= 65_535
  }

  /// Visible ASCII without a fragment, and without the dots that libcurl takes out of a path.
  private static func isPlain(target: Substring.UTF8View) -> Bool {
    var wasSlash = false
    for byte in target {
      guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "#"), byte != UInt8(ascii: "\\") else {
        return false
      }
      if wasSlash, byte == UInt8(ascii: ".") { return false }
      wasSlash = byte == UInt8(ascii: "/")
    }
    return true
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }
}

extension Substring.UTF8View {
  fileprivate func hasSuffix(_ end: String) -> Bool {
    self.count >= end.utf8.count && self.suffix(end.utf8.count).elementsEqual(end.utf8)
  }
}
