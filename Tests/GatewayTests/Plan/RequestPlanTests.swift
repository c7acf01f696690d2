import Gateway
import Settings
import Testing
import Wire

/// What a request becomes on its way upstream.
@Suite struct RequestPlanTests {
  private func lines(_ fields: [(String, String)], key: String? = "sk-k") throws -> [String] {
    let plan = try Requests.plan(
      try Requests.head("POST /v1/messages", fields), key: key, userAgent: "claude-proxy/9")
    return plan.headerLines.map { String(decoding: $0, as: UTF8.self) }
  }

  private static let added = ["accept-encoding: identity", "authorization: Bearer sk-k", "expect:"]

  @Test("without fields of the client's, only what is needed goes out")
  func least() throws {
    #expect(
      try self.lines([]) == [
        "content-type: application/json", "user-agent: claude-proxy/9", "accept-encoding: identity",
        "authorization: Bearer sk-k", "accept:", "expect:",
      ])
    #expect(try !self.lines([], key: nil).contains { $0.hasPrefix("authorization") })
  }

  @Test("the client's fields pass in their order and spelling, an empty one as libcurl spells it")
  func passing() throws {
    let fields = [
      ("Content-Type", "application/json; charset=utf-8"), ("anthropic-version", "2023-06-01"),
      ("Anthropic-Beta", "a,b"), ("anthropic-beta", "c"), ("X-Stainless-Lang", "js"), ("Accept", "*/*"),
      ("User-Agent", "me/1"), ("x-empty", ""), ("traceparent", "00-1-2-01"), ("x-forward", "kept"),
      ("cookies", "kept"), ("hostname", "kept"),
    ]
    let sent = fields.map { $0.1.isEmpty ? "\($0.0);" : "\($0.0): \($0.1)" }
    #expect(try self.lines(fields) == sent + Self.added)
  }

  @Test("bytes above ASCII pass as they came")
  func bytes() throws {
    var fields = HeaderFields()
    let value: [UInt8] = [0x61, 0xE9, 0xFF, 0x62]
    let isTaken = fields.append(name: Array("x-latin".utf8).span, value: value.span)
    #expect(isTaken)
    var head = try Requests.head()
    head.fields = fields
    let plan = try Requests.plan(head)
    #expect(plan.headerLines.contains(Array("x-latin: ".utf8) + value))
  }

  @Test(
    "fields of one hop, of framing, of credentials and of proxies stay here, in any case",
    arguments: [
      "Host", "content-length", "Accept-Encoding", "expect", "Keep-Alive", "TE", "Trailer", "upgrade",
      "Cookie",
      "Authorization", "X-Api-Key", "api-key", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-For",
      "x-forwarded-proto",
      "X-FORWARDED-ANYTHING", "Proxy-Authorization", "proxy-connection",
    ])
  func withheld(_ name: String) throws {
    var head = try Requests.head()
    head.fields = try Requests.fields([("accept", "x"), (name, "secret-value"), ("user-agent", "u")])
    let lines = try Requests.plan(head).headerLines
    #expect(!lines.contains { String(decoding: $0, as: UTF8.self).contains("secret-value") })
    #expect(lines.count == 5)
  }

  @Test("fields that Connection names are of one hop")
  func connection() throws {
    let fields = [("connection", "close, X-Hop , x-also"), ("x-hop", "1"), ("X-ALSO", "2"), ("x-stays", "3")]
    let lines = try self.lines(fields, key: nil)
    #expect(lines.first == "x-stays: 3")
    #expect(!lines.contains { $0.lowercased().hasPrefix("x-hop") || $0.lowercased().hasPrefix("x-also") })
  }

  @Test(
    "the client's query stands behind the configured one, and what both say is said once",
    arguments: [
      ("http://u.example/v1/messages", "POST /v1/messages", "http://u.example/v1/messages"),
      ("http://u.example/v1/messages", "POST /v1/messages?", "http://u.example/v1/messages"),
      (
        "http://u.example/v1/messages", "POST /v1/messages?beta=true",
        "http://u.example/v1/messages?beta=true"
      ),
      (
        "https://u.example:8443/m?v=1", "POST /v1/messages?beta=true",
        "https://u.example:8443/m?v=1&beta=true"
      ),
      ("http://u.example/m?v=1", "POST /v1/messages?v=1&beta=true", "http://u.example/m?v=1&beta=true"),
      (
        "http://u.example/m?v=1&beta=true", "POST /v1/messages?beta=true&v=1",
        "http://u.example/m?v=1&beta=true"
      ),
      ("http://u.example/m?v=1", "POST /v1/messages?v=2", "http://u.example/m?v=1&v=2"),
      ("http://u.example/m?", "POST /v1/messages?a=b", "http://u.example/m?a=b"),
      ("http://[::1]:80/m", "POST /v1/messages?a=b?c", "http://[::1]/m?a=b?c"),
      ("http://u.example/m", "POST http://evil.example/v1/messages?x=@evil", "http://u.example/m?x=@evil"),
    ])
  func urls(_ configured: String, _ line: String, _ url: String) throws {
    let upstream = AnthropicUpstream(messagesURL: try UpstreamURL(parsing: configured), key: nil)
    let plan = try Requests.plan(try Requests.head(line), to: .anthropic(upstream))
    #expect(plan.url == url)
    #expect(plan.upstream == .anthropic)
  }
}
