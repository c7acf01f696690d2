import Settings
import Testing
import Wire

@testable import Gateway

@Suite struct AccessLineTests {
  static func line(_ target: String = "/v1/messages?beta=true", _ fields: [(String, String)] = []) throws
    -> AccessLine
  {
    var line = AccessLine()
    line.head = try Requests.head("POST \(target)", fields)
    line.replyFields = try Requests.fields([("Content-Type", "text/plain"), ("Set-Cookie", "a=b")])
    line.client = "203.0.113.7"
    line.clientPort = 4711
    line.status = 200
    line.replyBytes = 4180
    line.durationMicroseconds = 61_002_003
    line.wallSeconds = 784_111_777
    line.offsetSeconds = -3_600
    line.process = 77
    line.worker = 3
    line.requestName = "req_1"
    line.route = "messages"
    return line
  }

  static func text(_ format: String, _ line: AccessLine) throws -> String {
    line.text(try #require(AccessFormat(format)))
  }

  @Test("gunicorn's own line")
  func standard() throws {
    let line = try Self.line("/v1/messages?beta=true", [("User-Agent", "curl/8"), ("Referer", "http://a/b")])
    #expect(
      line.text(.standard)
        == #"203.0.113.7 - - [06/Nov/1994:07:49:37 -0100] "POST /v1/messages?beta=true HTTP/1.1" 200 4180"#
        + #" "http://a/b" "curl/8""#)
  }

  @Test(
    "each atom",
    arguments: [
      ("%(h)s", "203.0.113.7"), ("%(l)s", "-"), ("%(u)s", "-"), ("%(t)s", "[06/Nov/1994:07:49:37 -0100]"),
      ("%(r)s", "POST /v1/%6d?a=1&b HTTP/1.1"), ("%(m)s", "POST"), ("%(U)s", "/v1/m"), ("%(q)s", "a=1&b"),
      ("%(H)s", "HTTP/1.1"), ("%(s)s", "200"), ("%(B)d", "4180"), ("%(b)s", "4180"), ("%(f)s", "-"),
      ("%(a)s", "-"), ("%(T)s", "61"), ("%(M)s", "61002"), ("%(D)s", "61002003"), ("%(L)s", "61.002003"),
      ("%(p)s", "<77>"), ("%(I)s", "req_1"), ("%(R)s", "messages"), ("%(W)s", "3"), ("%(N)s", "-"),
      ("%(V)s", "-"), ("%(i)s", "-"), ("%(o)s", "-"), ("%(F)s", "-"), ("%(C)s", "-"), ("%(z)s", "-"),
      ("%({X-Team}i)s", #"a\"b"#), ("%({x-none}i)s", "-"), ("%({CONTENT-TYPE}o)s", "text/plain"),
      ("%({x}z)s", "-"), ("%({request_method}e)s", "POST"), ("%({RAW_URI}e)s", "/v1/%6d?a=1&b"),
      ("%({path_info}e)s", "/v1/m"), ("%({QUERY_STRING}e)s", "a=1&b"), ("%({SERVER_PROTOCOL}e)s", "HTTP/1.1"),
      ("%({REMOTE_ADDR}e)s", "203.0.113.7"), ("%({REMOTE_PORT}e)s", "4711"),
      ("%({wsgi.url_scheme}e)s", "http"), ("%({HTTP_X_TEAM}e)s", #"a\"b"#), ("%({HTTP_X_NONE}e)s", "-"),
      ("%({PATH}e)s", "-"), ("100 %% [%(s)s]", "100 % [200]"), ("", ""),
    ])
  func atoms(_ format: String, _ text: String) throws {
    #expect(try Self.text(format, Self.line("/v1/%6d?a=1&b", [("X-Team", #"a"b"#)])) == text)
  }

  @Test("what only an upstream's answer has")
  func upstream() throws {
    var line = try Self.line()
    line.upstream = .anthropic
    line.model = "m-1"
    line.tokens.input = 3
    line.tokens.output = 5
    line.firstByteMicroseconds = 12
    line.code = "client_gone"
    #expect(try Self.text("%(N)s %(V)s %(i)s %(o)s %(F)s %(C)s", line) == "m-1 anthropic 3 5 12 client_gone")
    line.model = String(repeating: "x", count: 10_000)
    #expect(try Self.text("%(N)s", line).utf8.count == 200)
  }

  @Test("what was no request has a line too")
  func malformed() throws {
    var line = AccessLine()
    line.status = 400
    #expect(
      try Self.text(#"%(h)s "%(r)s" %(s)s %(b)s "%(a)s" %({x}i)s %({RAW_URI}e)s"#, line)
        == #"- "-" 400 0 "-" - -"#)
  }

  @Test(
    "keys and cookies never print",
    arguments: [
      "%({authorization}i)s", "%({X-API-Key}i)s", "%({Cookie}i)s", "%({HTTP_AUTHORIZATION}e)s",
      "%({set-cookie}o)s",
      "%({HTTP_X_API_KEY}e)s", "%({Proxy-Authorization}i)s", "%(r)s", "%(q)s", "%(f)s", "%({referer}i)s",
      "%({RAW_URI}e)s", "%({QUERY_STRING}e)s", "%({HTTP_REFERER}e)s", "%(u)s",
    ])
  func secrets(_ format: String) throws {
    let line = try Self.line(
      "/v1/messages?api%5Fkey=sk-secret&x=1&Token=sk-secret",
      [
        ("Authorization", "Bearer sk-secret"), ("x-api-key", "sk-secret"), ("cookie", "sk-secret"),
        ("proxy-authorization", "Basic sk-secret"), ("referer", "http://a/?key=sk-secret"),
      ])
    let text = try Self.text(format, line)
    #expect(!text.contains("sk-secret") && !text.contains("a=b"), "\(text)")
    #expect(text.contains("***") || format == "%(u)s", "\(text)")
  }

  @Test("a client's text stays on its line")
  func control() throws {
    let line = try Self.line("/%0a%1b%7f?x", [("user-agent", "a\tb\u{9B}c")])
    #expect(try Self.text("%(U)s|%(a)s", line) == #"/%0a%1b%7f|a\x09b\x9bc"#)
  }
}
