/// A place to listen at, as gunicorn's `bind` writes it.
package enum BindPlace: Sendable, Equatable {
  /// What is nil is left to `HOST` or `PORT`.
  case internet(host: String?, port: Int?)
  case unix(path: String)
  /// A listening socket that whoever started the daemon left open.
  case descriptor(Int32)

  /// The kernel's limit of a unix socket's path, its final zero byte aside.
  private static let longestPath = 107

  /// nil: one of them is no place.
  static func list(_ text: String) -> [Self]? {
    var places: [Self] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let place = Self(String(part)) else { return nil }
      places.append(place)
    }
    return places
  }

  private init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = text.dropFirst(5)
      guard path.hasPrefix("/"), path.utf8.count <= Self.longestPath, !path.hasSuffix("/") else { return nil }
      self = .unix(path: String(path))
    } else if text.hasPrefix("fd://") {
      // Below are the standard streams.
      guard let number = SettingSyntax.integer(3...65_535).parseNumber(String(text.dropFirst(5)))
      else { return nil }
      self = .descriptor(Int32(number))
    } else {
      guard let halves = Self.halves(text) else { return nil }
      self = .internet(host: halves.host, port: halves.port)
    }
  }

  static func host(_ text: String) -> String? {
    if text.lowercased() == "localhost" { return "127.0.0.1" }
    return IPAddress(text) == nil ? nil : text
  }

  private static func halves(_ text: String) -> (host: String?, port: Int?)? {
    if text.hasPrefix("[") {
      let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let host = Self.host(String(parts[0])), host.contains(":") else { return nil }
      return parts[1].isEmpty ? (host, nil) : Self.port(parts[1]).map { (host, $0) }
    }
    let colon = text.firstIndex(of: ":") ?? text.endIndex
    let name = String(text[..<colon])
    let host = name.isEmpty ? nil : Self.host(name)
    guard !text.isEmpty, name.isEmpty || host != nil else { return nil }
    return colon == text.endIndex ? (host, nil) : Self.port(text[colon...]).map { (host, $0) }
  }

  private static func port(_ text: Substring) -> Int? {
    guard text.first == ":" else { return nil }
    return SettingSyntax.integer(0...65_535).parseNumber(String(text.dropFirst()))
  }
}
