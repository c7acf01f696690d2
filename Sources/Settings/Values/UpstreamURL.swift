/// The address of an upstream, taken apart and checked, so that nothing of it can be read in two ways later.
package struct UpstreamURL: Sendable, Equatable, CustomStringConvertible {
  package enum Scheme: String, Sendable, Equatable, CaseIterable {
    case http, https

    package var defaultPort: Int {
      switch self {
      case .http: 80
      case .https: 443
      }
    }
  }

  package let scheme: Scheme
  /// A name in lower case or a numeric address; IPv6 without its brackets.
  package let host: String
  package let port: Int
  /// Begins with a slash.
  package let path: String
  /// Without its question mark.
  package let query: String?
  /// The whole of it, as each request needs it.
  package let description: String

  /// Why a text is no usable URL, worded as what would be right.
  package struct Defect: Error, Equatable { package let expected: String }

  package init(scheme: Scheme, host: String, port: Int, path: String, query: String?) {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.path = path
    self.query = query
    let authority = Self.authority(scheme, host, port)
    self.description = "\(scheme.rawValue)://\(authority)\(Self.requestTarget(path, query))"
  }

  package init(parsing text: String) throws(Defect) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Defect(
        expected: "an http:// or https:// URL in visible ASCII, without blanks (percent-encode the rest)")
    }
    guard text.utf8.allSatisfy({ !Self.forbidden.contains($0) }) else {
      throw Defect(expected: "a URL without any of \" < > \\ ^ ` { | } (percent-encode them)")
    }
    guard !text.contains("#") else { throw Defect(expected: "a URL without a fragment (#...)") }
    guard let separator = text.firstRange(of: "://"),
      let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased())
    else { throw Defect(expected: "a URL that begins with http:// or https://") }
    let rest = text[separator.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let (host, port) = try Self.authority(rest[..<end])
    let (path, query) = Self.target(rest[end...])
    self.init(scheme: scheme, host: host, port: port ?? scheme.defaultPort, path: path, query: query)
  }

  /// `host`, with the port if it is not the scheme's own: what a `Host` header carries.
  package var authority: String { Self.authority(self.scheme, self.host, self.port) }

  package var requestTarget: String { Self.requestTarget(self.path, self.query) }
  package var origin: String { "\(self.scheme.rawValue)://\(self.authority)" }

  private static func authority(_ scheme: Scheme, _ host: String, _ port: Int) -> String {
    let host = host.contains(":") ? "[\(host)]" : host
    return port == scheme.defaultPort ? host : "\(host):\(port)"
  }

  private static func requestTarget(_ path: String, _ query: String?) -> String {
    query.map { "\(path)?\($0)" } ?? path
  }

  /// The same place one level further down; the query stays behind the new path.
  package func appending(path suffix: String) -> UpstreamURL {
    var path = self.path[...]
    while path.last == "/" { path.removeLast() }
    return UpstreamURL(
      scheme: self.scheme, host: self.host, port: self.port, path: "\(path)/\(suffix)", query: self.query)
  }

  private static let forbidden = Array("\"<>\\^`{|}".utf8)

  private static func target(_ text: Substring) -> (path: String, query: String?) {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts.first.map(String.init) ?? ""
    return (path.isEmpty ? "/" : path, parts.count == 2 ? String(parts[1]) : nil)
  }

  private static func authority(_ text: Substring) throws(Defect) -> (host: String, port: Int?) {
    guard !text.contains("@") else {
      throw Defect(expected: "a URL without user name and password (keys have settings of their own)")
    }
    if text.first == "[" {
      let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].contains(":"), IPAddress(parts[0]) != nil else {
        throw Defect(expected: "a URL with an IPv6 address in its brackets")
      }
      return (parts[0].lowercased(), try Self.port(parts[1]))
    }
    let end = text.firstIndex(of: ":") ?? text.endIndex
    let host = text[..<end].lowercased()
    guard Self.isHostName(host) else {
      throw Defect(expected: "a URL with a host name of letters, digits, dots and hyphens, or an address")
    }
    return (host, try Self.port(text[end...]))
  }

  private static func isHostName(_ host: String) -> Bool {
    !host.isEmpty && host.utf8.count <= 253
      && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2D || $0 == 0x5F }
      }
  }

  private static func port(_ text: Substring) throws(Defect) -> Int? {
    guard let first = text.first else { return nil }
    let digits = text.dropFirst()
    guard first == ":", digits.utf8.count <= 5, digits.utf8.allSatisfy(\.isDigit), let port = Int(digits),
      port > 0, port < 65_536
    else { throw Defect(expected: "a URL whose port is 1 to 65535") }
    return port
  }
}
