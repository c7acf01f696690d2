import Testing

@testable import Settings

/// Upstreams: how their addresses are read and which of them answers.
@Suite struct UpstreamTests {
  @Test(
    "a URL is taken apart once",
    arguments: [
      ("http://h", "http://h/", "h", 80),
      ("HTTPS://Api.Example.ORG/v1", "https://api.example.org/v1", "api.example.org", 443),
      ("https://h:443/a?b=c&d", "https://h/a?b=c&d", "h", 443),
      ("http://h:8080?x", "http://h:8080/?x", "h", 8080),
      ("http://[::1]:9/x", "http://[::1]:9/x", "::1", 9),
      ("http://10.0.0.1/a//b/", "http://10.0.0.1/a//b/", "10.0.0.1", 80),
      ("http://h_1-x/%7Ea", "http://h_1-x/%7Ea", "h_1-x", 80),
    ])
  func parsed(text: String, printed: String, host: String, port: Int) throws {
    let url = try UpstreamURL(parsing: text)
    #expect(url.description == printed)
    #expect(url.host == host)
    #expect(url.port == port)
  }

  @Test(
    "anything that could be read in two ways is refused",
    arguments: [
      "", "h", "//h", "ftp://h", "http:/h", "http://", "http:///x", "http://u@h", "http://u:p@h",
      "http://h#f",
      "http://h/a b", "http://h/\u{E4}", "http://h\r\nX: y", "http://h\t", "http://h:0", "http://h:65536",
      "http://h:x",
      "http://h:", "http://h:+1", "http://[::1", "http://[1.2.3.4]", "http://[::1]x", "http://-h",
      "http://h..i",
      "http://h/\\x", "http://h/<x>", "http://h@/x", "http://\u{0}h", "http://h/\u{7F}",
    ])
  func refused(text: String) {
    #expect(throws: UpstreamURL.Defect.self) { try UpstreamURL(parsing: text) }
  }

  @Test(
    "a base URL gets its path and keeps its query",
    arguments: [
      ("http://h/v1", "http://h/v1/chat/completions"), ("http://h/v1//", "http://h/v1/chat/completions"),
      ("http://h", "http://h/chat/completions"), ("http://h/a?b=c", "http://h/a/chat/completions?b=c"),
      ("http://h/v1/chat/completions", "http://h/v1/chat/completions"),
    ])
  func bases(base: String, expected: String) throws {
    let plan = try Configuration("OPENAI_BASE_URL=\(base)").settings().plan
    #expect(plan.openAI?.chatCompletionsURL.description == expected)
  }

  @Test(
    "whose key goes upstream follows from how the upstream was named",
    arguments: [
      ("OPENAI_BASE_URL=http://h/v1\nOPENAI_API_KEY=k\n", KeyMode.serverKey),
      ("OPENAI_API_KEY=k\n", .serverKey),
      ("BACKEND_URL=http://h/v1\nOPENAI_API_KEY=k\n", .serverKey),
      ("OPENAI_BASE_URL=http://h/v1\n", .dynamic),
      ("BACKEND_URL=http://h/v1\n", .forward), ("UPSTREAM_API_URL=http://h/v1/messages\n", .serverKey),
      ("UPSTREAM=demo\nBACKEND_URL=http://h/v1\n", .serverKey),
    ])
  func modes(text: String, expected: KeyMode) throws {
    let plan = try Configuration(text).settings().plan
    #expect(plan.messages?.keyMode == expected)
    #expect(plan.chatCompletions?.keyMode == expected)
  }

  @Test("with both upstreams each route asks the one it is documented to ask")
  func routes() throws {
    let text = "UPSTREAM_API_URL=http://a/v1/messages?beta=true\nUPSTREAM_API_KEY=k\nOPENAI_API_KEY=k\n"
    let plan = try Configuration(text).settings().plan
    guard case .openAI(let openAI) = plan.messages, case .anthropic(let anthropic) = plan.chatCompletions
    else {
      Issue.record("\(plan)")
      return
    }
    #expect(openAI.chatCompletionsURL.description == "https://api.openai.com/v1/chat/completions")
    #expect(anthropic.messagesURL.description == "http://a/v1/messages?beta=true")
  }

  @Test("the demo answers everything, and what it leaves unused is said")
  func demo() throws {
    let configuration = Configuration("UPSTREAM=Demo\nOPENAI_API_KEY=k\n")
    let plan = try configuration.settings().plan
    #expect(plan.messages == .demo && plan.chatCompletions == .demo && plan.openAI == nil)
    #expect(configuration.remarks.contains { $0.contains("OPENAI_API_KEY: unused") })
  }

  @Test("a key without the address it is for is warned about")
  func keyWithoutAddress() {
    #expect(Configuration("UPSTREAM_API_KEY=k\n").remarks.contains { $0.contains("UPSTREAM_API_URL") })
  }
}
