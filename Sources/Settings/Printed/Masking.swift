extension UpstreamURL {
  /// For people: a query may carry a key, so only that there is one is shown.
  package var masked: String { self.origin + self.path + (self.query == nil ? "" : "?...") }

  /// The same for a text that was not accepted as a URL.
  static func masking(_ text: String) -> String {
    guard let separator = text.firstRange(of: "://") else { return text }
    let end =
      text[separator.upperBound...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? text.endIndex
    var authority = text[separator.upperBound..<end]
    if let at = authority.lastIndex(of: "@") { authority = "***" + authority[at...] }
    let path = text[end...].prefix { $0 != "?" && $0 != "#" }
    let isCut = end < text.endIndex && path.endIndex < text.endIndex
    return text[..<separator.upperBound] + authority + path + (isCut ? "?..." : "")
  }
}
