import Gateway
import Settings
import Testing
import Wire

/// What the daemon says by itself.
@Suite struct ReplyTests {
  @Test(
    "an error has the envelope of the client's protocol, byte for byte",
    arguments: [
      (400, nil, "invalid_request_error", "invalid_request_error", "null"),
      (401, nil, "authentication_error", "invalid_request_error", "\"invalid_api_key\""),
      (403, nil, "permission_error", "permission_error", "null"),
      (404, "not_found", "not_found_error", "invalid_request_error", "\"not_found\""),
      (405, nil, "not_found_error", "invalid_request_error", "null"),
      (408, nil, "invalid_request_error", "invalid_request_error", "null"),
      (413, nil, "request_too_large", "invalid_request_error", "\"request_too_large\""),
      (429, nil, "rate_limit_error", "rate_limit_error", "null"),
      (500, nil, "api_error", "server_error", "null"), (501, nil, "api_error", "server_error", "null"),
      (502, "upstream_truncated", "api_error", "server_error", "\"upstream_truncated\""),
      (503, "draining", "overloaded_error", "server_error", "\"draining\""),
      (504, nil, "timeout_error", "server_error", "\"timeout\""),
    ] as [(Int, String?, String, String, String)])
  func envelopes(_ status: Int, _ code: String?, _ anthropic: String, _ openAI: String, _ shown: String) {
    let error = ErrorReply(status: status, message: "It \"broke\".", code: code)
    #expect(
      String(decoding: error.body(for: .anthropic, requestName: "req_7"), as: UTF8.self)
        == #"{"type":"error","error":{"type":"\#(anthropic)","message":"It \"broke\"."},"request_id":"req_7"}"#
    )
    #expect(
      String(decoding: error.body(for: .openAI, requestName: "req_7"), as: UTF8.self)
        == #"{"error":{"message":"It \"broke\".","type":"\#(openAI)","param":null,"code":\#(shown)}}"#)
  }

  @Test("a word old clients know leads Anthropic's message and is OpenAI's code")
  func knownWord() {
    let error = ErrorReply(status: 401, message: "No.", code: "missing_api_key", leadsMessage: true)
    let (one, other) = (
      error.body(for: .anthropic, requestName: "r"), error.body(for: .openAI, requestName: "r")
    )
    #expect(String(decoding: one, as: UTF8.self).contains(#""message":"missing_api_key: No.""#))
    #expect(String(decoding: other, as: UTF8.self).contains(#""message":"No.""#))
  }

  @Test("a frame is one event of the client's protocol")
  func frames() {
    let error = ErrorReply(status: 504, message: "m")
    #expect(
      String(decoding: error.frame(for: .anthropic, requestName: "r"), as: UTF8.self)
        == "event: error\ndata: "
        + #"{"type":"error","error":{"type":"timeout_error","message":"m"},"request_id":"r"}"# + "\n\n")
    #expect(
      String(decoding: error.frame(for: .openAI, requestName: "r"), as: UTF8.self)
        == "data: " + #"{"error":{"message":"m","type":"server_error","param":null,"code":"timeout"}}"#
        + "\n\n")
  }

  @Test("a 401 says how to authenticate, a 405 what is allowed, and a closing one closes")
  func heads() throws {
    let context = Caller(
      speaks: .openAI, requestName: "req_9", minorVersion: 1, isHead: false, keepsAlive: true)
    func reply(_ error: ErrorReply, _ context: Caller) -> Reply? {
      var output = ByteQueue()
      context.write(error, date: ExchangeRun.date, to: &output)
      return Reply(output.bytes)
    }
    let unauthorized = try #require(reply(ErrorReply(status: 401, message: "m"), context))
    #expect(unauthorized.fields["www-authenticate"] == "Bearer" && unauthorized.isWhole)
    #expect(unauthorized.fields["content-type"] == "application/json")
    #expect(unauthorized.fields["connection"] == "keep-alive")
    let method = try #require(reply(.wrongMethod(allowed: "GET, HEAD"), context.closing))
    #expect(method.status == 405 && method.fields["allow"] == "GET, HEAD")
    #expect(method.fields["connection"] == "close" && method.fields["x-proxy-request-id"] == "req_9")
  }

  @Test("request names are unique, of 28 characters, and differ between makers")
  func names() {
    var one = RequestNames(salt: 0xDEAD_BEEF_0000_0001)
    var other = RequestNames(salt: 2)
    let names = (0..<10_000).map { _ in one.next() }
    #expect(names.first == "req_deadbeef0000000100000001" && names[9_999].hasSuffix("00002710"))
    #expect(Set(names).count == 10_000 && names.allSatisfy { $0.utf8.count == 28 })
    let stranger = other.next()
    #expect(!names.contains(stranger))
  }

  @Test("pages show the state to those who may see it, and only status and version to others")
  func pages() throws {
    var vitals = Vitals()
    vitals.version = "1.2.3"
    vitals.workers = 2
    let snapshot = Requests.snapshot(
      try Requests.anthropic("https://u.example:8443/v1/messages?token=hidden"), allowed: ["sk-allowed-0001"])
    func text(_ page: StatusPage, _ inside: Bool = false) -> String {
      String(decoding: page.body(vitals, snapshot, inside: inside), as: UTF8.self)
    }
    #expect(text(.live) == "{\"status\":\"ok\"}\n" && text(.ready) == text(.live))
    #expect(
      text(.root).hasPrefix(
        "{\"name\":\"claude-proxy\",\"version\":\"1.2.3\",\"status\":\"running\",\"endpoints\":{"))
    #expect(text(.root).contains("\"messages\":\"/v1/messages\"") && !text(.root).contains("admin"))
    #expect(text(.root, true) == text(.root))
    #expect(text(.health) == "{\"status\":\"ok\",\"version\":\"1.2.3\"}\n")
    let inside = text(.health, true)
    #expect(inside.contains("\"upstream_url\":\"https://u.example:8443/v1/messages\",\"backend_url\":null"))
    #expect(inside.contains("\"state\":\"healthy\"") && inside.contains("\"allowed_api_keys_count\":1"))
    #expect(inside.contains("\"workers\":2") && inside.contains("\"generation\":7"))
    #expect((try? JSONDocument(Array(inside.utf8))) != nil)
  }

  @Test("no key and no query of a configured address is in anything the daemon says by itself")
  func secrets() throws {
    let secrets = ["sk-allowed-0001", "ak-anthropic-0001", Requests.serverKey, "hidden", "client-key-0001"]
    let plans = [
      try Requests.anthropic("http://u.example/m?token=hidden"),
      try Requests.openAI(.serverKey, url: "http://u.example/c?token=hidden"),
      try Requests.openAI(.dynamic, url: "http://u.example/c?token=hidden"), try Requests.openAI(.forward),
      UpstreamPlan(),
    ]
    let head = try Requests.head("POST /v1/messages?q=hidden", [("x-api-key", "client-key-0001-sk-ant-")])
    for plan in plans {
      let snapshot = Requests.snapshot(plan, allowed: [secrets[0]], anthropicKey: secrets[1])
      var said = "\(snapshot.settings.clients) \(snapshot.settings.plan.anthropic?.key as Any)"
      for route in Route.allCases {
        for role in [ListenerRole.inference, .admin] {
          guard case .refuse(let error) = Requests.judge(snapshot, head, route, on: role) else { continue }
          said += String(decoding: error.body(for: .anthropic, requestName: "r"), as: UTF8.self)
          said += String(decoding: error.body(for: .openAI, requestName: "r"), as: UTF8.self)
        }
      }
      for page in [StatusPage.health, .live, .ready, .root] {
        said += String(decoding: page.body(Vitals(), snapshot, inside: true), as: UTF8.self)
      }
      for secret in secrets { #expect(!said.contains(secret), "\(secret)") }
    }
  }

  @Test(
    "a body that is no JSON object is named before it goes out",
    arguments: ["", "x", "[]", "1", "{\"a\":}", "{} {}"])
  func bodyCheck(_ text: String) throws {
    let head = try Requests.head()
    #expect(throws: ErrorReply.self) { try Requests.plan(head, body: text) }
    #expect(try Requests.plan(head, body: "{ \"model\":\"m\"}").body == Array("{ \"model\":\"m\"}".utf8))
  }
}
