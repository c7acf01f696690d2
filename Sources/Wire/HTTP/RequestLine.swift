/// The first line of a request, taken apart (RFC 9112 3).
internal struct RequestLine {
  let method: String
  let target: String
  let path: String
  let query: String?
  let authority: String?
  let minorVersion: Int

  init(_ line: Span<UInt8>) throws(RequestFault) {
    let methodEnd = Self.index(of: HTTPBytes.space, in: line, from: 0)
    let targetStart = min(methodEnd + 1, line.count)
    let targetEnd = Self.index(of: HTTPBytes.space, in: line, from: targetStart)
    self.minorVersion = try Self.version(line.extracting(min(targetEnd + 1, line.count)..<line.count))
    let method = try Self.method(line.extracting(0..<methodEnd))
    self.method = method

    let target = line.extracting(targetStart..<targetEnd)
    for index in target.indices where target[index] == UInt8(ascii: "#") || target[index] &- 0x21 >= 0x5E {
      throw RequestFault(400, "There is a character in the request target that may not stand there.")
    }
    let text = HTTPBytes.string(target)
    self.target = text
    if !target.isEmpty, target[0] == UInt8(ascii: "/") {
      self.authority = nil
      (self.path, self.query) = Self.split(target, whole: text)
    } else if target.count == 1, target[0] == UInt8(ascii: "*"), method == "OPTIONS" {
      self.authority = nil
      self.path = text
      self.query = nil
    } else {
      let end = try Self.authority(of: target)
      self.authority = HTTPBytes.string(target.extracting(end))
      let (path, query) = Self.split(target.extracting(end.upperBound..<target.count), whole: nil)
      // RFC 9112 3.2.1 and 3.2.4: what an empty path stands for.
      self.path = path.isEmpty ? (method == "OPTIONS" && query == nil ? "*" : "/") : path
      self.query = query
    }
  }

  /// Visible ASCII without what ends an authority elsewhere, user information (RFC 9110 4.2.4 has it treated as an
  /// error) and the comma of a list. Empty is legal (RFC 9110 7.2).
  static func isAuthority(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices {
      switch bytes[index] {
      case 0...0x20, 0x7F...0xFF: return false
      case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"), UInt8(ascii: "\\"),
        UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"):
        return false
      default: continue
      }
    }
    return true
  }

  private static func index(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] != byte { index += 1 }
    return index
  }

  /// gunicorn's rule: 3 to 20 bytes of a token without lower case and `#`.
  private static func method(_ bytes: Span<UInt8>) throws(RequestFault) -> String {
    var isValid = (3...20).contains(bytes.count)
    for index in bytes.indices {
      let byte = bytes[index]
      isValid = isValid && HTTPBytes.isToken(byte) && byte != UInt8(ascii: "#") && byte &- 0x61 >= 26
    }
    if !isValid { throw RequestFault(400, "The request method is not valid.") }
    let method = HTTPBytes.string(bytes)
    if method == "CONNECT" { throw RequestFault(501, "This server opens no tunnels.") }
    return method
  }

  private static func version(_ bytes: Span<UInt8>) throws(RequestFault) -> Int {
    if bytes.count != 8 || bytes[6] != UInt8(ascii: ".") || !HTTPBytes.isDigit(bytes[5])
      || !HTTPBytes.isDigit(bytes[7]) || !Self.isHTTP(bytes)
    {
      throw RequestFault(400, "The request line is not valid.")
    }
    if bytes[5] != UInt8(ascii: "1") || bytes[7] > UInt8(ascii: "1") {
      throw RequestFault(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
    }
    return Int(bytes[7] & 0x0F)
  }

  /// RFC 9112 2.3: in capitals.
  private static func isHTTP(_ bytes: Span<UInt8>) -> Bool {
    bytes[0] == UInt8(ascii: "H") && bytes[1] == UInt8(ascii: "T") && bytes[2] == UInt8(ascii: "T")
      && bytes[3] == UInt8(ascii: "P") && bytes[4] == UInt8(ascii: "/")
  }

  private static func split(_ target: Span<UInt8>, whole: String?) -> (path: String, query: String?) {
    let end = Self.index(of: UInt8(ascii: "?"), in: target, from: 0)
    if end == target.count { return (whole ?? HTTPBytes.string(target), nil) }
    return (
      HTTPBytes.string(target.extracting(0..<end)),
      HTTPBytes.string(target.extracting(end + 1..<target.count))
    )
  }

  /// Where the authority of an absolute target stands.
  private static func authority(of target: Span<UInt8>) throws(RequestFault) -> Range<Int> {
    let start: Int
    if target.count > 7, HTTPBytes.equal(target.extracting(0..<7), "http://") {
      start = 7
    } else if target.count > 8, HTTPBytes.equal(target.extracting(0..<8), "https://") {
      start = 8
    } else {
      throw RequestFault(400, "The request target is not valid.")
    }
    var end = start
    while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?") { end += 1 }
    // RFC 9110 4.2.1: a URI of these schemes without a host is invalid.
    if end == start || !Self.isAuthority(target.extracting(start..<end)) {
      throw RequestFault(400, "The request target is not valid.")
    }
    return start..<end
  }
}
