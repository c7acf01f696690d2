package import Settings
package import Wire

/// Which upstream a request goes to.
package enum UpstreamName: String, Sendable, Equatable {
  case anthropic
  case openAI = "openai"
  case demo
}

/// What a request becomes: computed once, before anything is sent.
package struct RequestPlan: Sendable, Equatable {
  package let upstream: UpstreamName
  package let url: String
  /// Whole lines, `Name: value`, as libcurl takes them; bytes, because a client's value need not be UTF-8.
  package let headerLines: [[UInt8]]

  /// Equal protocols only: the body goes out as it came, and the headers but for those of one hop and of credentials.
  package init(
    _ head: RequestHead, to choice: UpstreamChoice, key: String?, userAgent: String
  ) {
    switch choice {
    case .demo:
      self.upstream = .demo
      self.url = "http://demo.invalid\(head.path)"
    case .anthropic(let upstream):
      self.upstream = .anthropic
      self.url = Self.url(upstream.messagesURL, clientQuery: head.query)
    case .openAI(let upstream):
      self.upstream = .openAI
      self.url = Self.url(upstream.chatCompletionsURL, clientQuery: head.query)
    }
    self.headerLines = Self.headerLines(head.fields, key: key, userAgent: userAgent)
  }

  /// The configured address with what the client asked for behind its path; what both say is said once.
  private static func url(_ configured: UpstreamURL, clientQuery: String?) -> String {
    guard let clientQuery, !clientQuery.isEmpty else { return configured.description }
    guard let query = configured.query, !query.isEmpty else {
      return "\(configured.origin)\(configured.path)?\(clientQuery)"
    }
    let known = Set(query.split(separator: "&"))
    let added = clientQuery.split(separator: "&").filter { !known.contains($0) }
    return ([Substring(configured.description)] + added).joined(separator: "&")
  }

  private static func headerLines(_ fields: HeaderFields, key: String?, userAgent: String) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    lines.reserveCapacity(fields.count + 4)
    for index in fields.indices where ForwardedHeaders.passes(fields.name(at: index), fields) {
      lines.append(Self.line(fields.name(at: index), fields.value(at: index)))
    }
    if !fields.contains("content-type") { lines.append(Array("content-type: application/json".utf8)) }
    // Blank after the colon: libcurl leaves out what it would add itself.
    if !fields.contains("accept") { lines.append(Array("accept:".utf8)) }
    if !fields.contains("user-agent") { lines.append(Array("user-agent: \(userAgent)".utf8)) }
    lines.append(Array("expect:".utf8))
    lines.append(Array("accept-encoding: identity".utf8))
    if let key { lines.append(Array("authorization: Bearer \(key)".utf8)) }
    return lines
  }

  private static func line(_ name: Span<UInt8>, _ value: Span<UInt8>) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(name.count + value.count + 2)
    line.append(copying: name)
    // How libcurl spells a field whose value is empty.
    line.append(copying: value.isEmpty ? ";" : ": ")
    line.append(copying: value)
    return line
  }
}
