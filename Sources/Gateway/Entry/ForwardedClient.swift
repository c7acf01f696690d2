package import Settings
package import Wire

/// Who a request comes from, for the log: the peer, or whom a trusted one says it speaks for.
package enum ForwardedClient {
  /// The right-most entry of X-Forwarded-For that no trusted proxy wrote about another trusted one; nil: the peer itself.
  ///
  /// Rights never depend on it. `peer` is nil for unix sockets, which are always trusted.
  package static func host(_ fields: HeaderFields, peer: String?, trusting list: NetworkList)
    -> String?
  {
    guard fields.contains("x-forwarded-for"), Self.isTrusted(peer, list) else { return nil }
    var client: String?
    let entries = fields.values(of: "x-forwarded-for").flatMap { $0.split(separator: ",") }
    for entry in entries.reversed() {
      guard let (text, address) = Self.address(entry) else { break }
      client = text
      if !list.holds(address) { break }
    }
    return client
  }

  /// `peer` is nil for unix sockets.
  package static func isTrusted(_ peer: String?, _ list: NetworkList) -> Bool {
    guard let peer else { return true }
    return IPAddress(peer).map(list.holds) ?? false
  }

  /// With or without a port, in brackets or not.
  private static func address(_ entry: Substring) -> (text: String, IPAddress)? {
    var text = entry.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return nil }
      text = text[text.index(after: text.startIndex)..<end]
    } else if text.contains("."), let colon = text.firstIndex(of: ":"), !text.hasPrefix(":"),
      text[colon...].dropFirst().allSatisfy(\.isNumber)
    {
      text = text[..<colon]
    }
    return IPAddress(text).map { (String(text), $0) }
  }
}
