package import Settings
package import Wire

/// What a line of the access log can say of one request. Keys and cookies never print.
package struct AccessLine {
  /// nil: what was no request.
  package var head: RequestHead?
  /// As they were sent; empty unless the format asks for one.
  package var replyFields = HeaderFields()
  /// Empty: a unix socket's.
  package var client = ""
  package var clientPort: UInt16 = 0
  package var isSecure = false
  package var status = 0
  package var replyBytes = 0
  package var durationMicroseconds = 0
  package var wallSeconds = 0
  package var offsetSeconds = 0
  package var process: Int32 = 0
  package var worker = 0
  package var requestName = ""
  package var route = ""
  package var model: String?
  package var upstream: UpstreamName?
  package var tokens = TokenCounts()
  package var firstByteMicroseconds: Int?
  package var code: String?
  package var server = ""

  package init() {}

  package func text(_ format: AccessFormat) -> String {
    var line: [UInt8] = []
    for piece in format.pieces {
      switch piece {
      case .text(let text): line.append(contentsOf: text.utf8)
      case .word(let word): Self.append(self.value(of: word), to: &line)
      case .requestField(let name): Self.append(self.field(name, of: self.head?.fields), to: &line)
      case .replyField(let name): Self.append(self.field(name, of: self.replyFields), to: &line)
      case .variable(let name): Self.append(self.variable(name), to: &line)
      case .nothing: Self.append(nil, to: &line)
      }
    }
    return String(decoding: line, as: UTF8.self)
  }

  private func value(of word: AccessFormat.Word) -> String? {
    switch word {
    case .client: self.client.isEmpty ? nil : self.client
    case .identity, .user: nil
    case .time:
      "[\(Timestamp.common(unixSeconds: self.wallSeconds, offsetSeconds: self.offsetSeconds))]"
    case .requestLine:
      self.head.map { "\($0.method) \(Self.withoutKeys($0.target)) HTTP/1.\($0.minorVersion)" }
    case .method: self.head?.method
    case .path: self.head.map { PercentText.decode($0.path) ?? $0.path }
    case .query: self.head.map { Self.query($0.query ?? "") }
    case .version: self.head.map { "HTTP/1.\($0.minorVersion)" }
    case .status: "\(self.status)"
    case .replyBytes, .replyBytesText: "\(self.replyBytes)"
    case .referer: self.field("referer", of: self.head?.fields)
    case .userAgent: self.field("user-agent", of: self.head?.fields)
    case .seconds: "\(self.durationMicroseconds / 1_000_000)"
    case .milliseconds: "\(self.durationMicroseconds / 1_000)"
    case .microseconds: "\(self.durationMicroseconds)"
    case .decimalSeconds: self.decimalSeconds
    case .process: "<\(self.process)>"
    case .requestName: self.requestName
    case .route: self.route
    case .worker: "\(self.worker)"
    case .model: self.model.map { String($0.prefix(Self.longestModel)) }
    case .upstream: self.upstream?.rawValue
    case .inputTokens: self.upstream.map { _ in "\(self.tokens.input)" }
    case .outputTokens: self.upstream.map { _ in "\(self.tokens.output)" }
    case .firstByteMicroseconds: self.firstByteMicroseconds.map { "\($0)" }
    case .code: self.code
    }
  }

  /// A client says it, so it is bounded.
  private static let longestModel = 200

  private var decimalSeconds: String {
    let rest = "\(self.durationMicroseconds % 1_000_000)"
    let zeros = String(repeating: "0", count: max(0, 6 - rest.utf8.count))
    return "\(self.durationMicroseconds / 1_000_000).\(zeros)\(rest)"
  }

  /// The last one of that name.
  private func field(_ name: String, of fields: HeaderFields?) -> String? {
    guard let fields, let value = Self.values(of: name, in: fields).last else { return nil }
    if Self.mayBeSecret(name) { return Self.mask }
    return name == "referer" ? Self.withoutKeys(value) : value
  }

  /// What WSGI, gunicorn's inner interface, calls the parts of a request.
  private func variable(_ name: String) -> String? {
    guard let head = self.head else { return nil }
    switch name {
    case "request_method": return head.method
    case "raw_uri": return Self.withoutKeys(head.target)
    case "path_info": return self.value(of: .path)
    case "query_string": return self.value(of: .query)
    case "server_protocol": return self.value(of: .version)
    case "server_software": return self.server
    case "script_name": return ""
    case "remote_addr": return self.value(of: .client)
    case "remote_port": return self.clientPort == 0 ? nil : "\(self.clientPort)"
    case "wsgi.url_scheme": return self.isSecure ? "https" : "http"
    case "content_type": return self.field("content-type", of: head.fields)
    case "content_length": return self.field("content-length", of: head.fields)
    default:
      guard name.hasPrefix("http_") else { return nil }
      let field = String(name.dropFirst(5).map { $0 == "_" ? "-" : $0 })
      let values = Self.values(of: field, in: head.fields)
      guard !values.isEmpty else { return nil }
      if Self.mayBeSecret(field) { return Self.mask }
      return values.map { field == "referer" ? Self.withoutKeys($0) : $0 }.joined(separator: ",")
    }
  }

  private static func values(of name: String, in fields: HeaderFields) -> [String] {
    var values: [String] = []
    let wanted = Array(name.utf8)
    fields.forEach { name, value in
      guard name.count == wanted.count else { return }
      for index in name.indices where Self.lower(name[index]) != wanted[index] { return }
      var bytes: [UInt8] = []
      bytes.append(copying: value)
      values.append(String(decoding: bytes, as: UTF8.self))
    }
    return values
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }

  // MARK: - What must not be read in a log

  private static let mask = "***"
  private static let secretWords = ["auth", "key", "token", "secret", "cookie", "password", "signature"]

  private static func mayBeSecret(_ name: String) -> Bool {
    let name = name.lowercased()
    return self.secretWords.contains { name.contains($0) }
  }

  /// A target or URL without the values of parameters that may be keys.
  private static func withoutKeys(_ url: String) -> String {
    guard let mark = url.firstIndex(of: "?") else { return url }
    return "\(url[..<mark])?\(self.query(String(url[url.index(after: mark)...])))"
  }

  private static func query(_ query: String) -> String {
    guard query.utf8.contains(UInt8(ascii: "=")) else { return query }
    return query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
      guard let sign = pair.firstIndex(of: "=") else { return String(pair) }
      let name = PercentText.decode(pair[..<sign]) ?? String(pair[..<sign])
      guard self.mayBeSecret(name) else { return String(pair) }
      return "\(pair[...sign])\(self.mask)"
    }.joined(separator: "&")
  }

  // MARK: - Letters

  /// Quotes as gunicorn escapes them; a control character must not begin a line or move a cursor.
  private static func append(_ value: String?, to line: inout [UInt8]) {
    guard let value else { return line.append(UInt8(ascii: "-")) }
    for scalar in value.unicodeScalars {
      switch scalar.value {
      case 0x22: line.append(contentsOf: [0x5C, 0x22])
      case 0..<0x20, 0x7F..<0xA0:
        let digits = String(scalar.value, radix: 16)
        line.append(contentsOf: "\\x\(digits.utf8.count < 2 ? "0" : "")\(digits)".utf8)
      default: line.append(contentsOf: String(scalar).utf8)
      }
    }
  }
}
