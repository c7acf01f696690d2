import Testing
import Wire

@testable import Gateway
@testable import Settings

/// Header fields of requests to upstreams.
@Suite struct OutboundFieldsTests {
  private func lines(_ fields: OutboundFields) -> [String] {
    fields.lines.map { String(decoding: $0, as: UTF8.self) }
  }

  private func anthropic(_ url: String = "http://h/v1/messages") throws -> AnthropicUpstream {
    AnthropicUpstream(messagesURL: try UpstreamURL(parsing: url), key: Secret("k"))
  }

  private func openAI(azure: AzureFlavour? = nil) throws -> OpenAIUpstream {
    OpenAIUpstream(
      chatCompletionsURL: try UpstreamURL(parsing: "http://h/v1/chat/completions"), key: Secret("k"),
      keyMode: .serverKey, azure: azure)
  }

  private func header(_ name: String, _ value: String?) -> HeaderSetting {
    HeaderSetting(name: name, value: value.map(Secret.init))
  }

  @Test("a translated request to Messages has the documented defaults")
  func defaults() throws {
    let headers = MessagesHeaders(HeaderSettings(), userAgent: "claude-proxy/1")
    let fields = headers.translated(to: try self.anthropic(), key: "k", isStreaming: false)
    #expect(
      self.lines(fields) == [
        "accept: application/json", "anthropic-version: 2023-06-01",
        "anthropic-beta: interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14",
        "anthropic-dangerous-direct-browser-access: true", "content-type: application/json",
        "user-agent: claude-proxy/1", "x-app: cli", "accept-encoding: identity", "authorization: Bearer k",
        "expect:",
      ])
    let streaming = headers.translated(to: try self.anthropic(), key: nil, isStreaming: true)
    #expect(self.lines(streaming).contains("accept: text/event-stream"))
    #expect(!streaming.contains("authorization"))
  }

  @Test("empty settings take defaults away, extra fields replace, add and take away in any case")
  func extras() throws {
    var settings = HeaderSettings()
    settings.anthropicVersion = ""
    settings.dangerousDirectBrowserAccess = ""
    settings.userAgent = ""
    settings.extra = [
      self.header("X-App", nil), self.header("Anthropic-Beta", "b"), self.header("x-vendor", "abc"),
      self.header("Accept", nil),
    ]
    let headers = MessagesHeaders(settings, userAgent: "claude-proxy/1")
    let fields = headers.translated(to: try self.anthropic(), key: "k", isStreaming: false)
    #expect(
      self.lines(fields) == [
        "Anthropic-Beta: b", "content-type: application/json", "x-vendor: abc", "accept-encoding: identity",
        "authorization: Bearer k", "accept:", "user-agent:", "expect:",
      ])
  }

  @Test("the vendor's console keys go where the vendor reads them, all others as Bearer")
  func vendorKey() throws {
    let headers = MessagesHeaders(HeaderSettings(), userAgent: "x")
    let vendor = try self.anthropic("https://api.anthropic.com/v1/messages")
    let console = headers.translated(to: vendor, key: "sk-ant-api03-x", isStreaming: false)
    #expect(console.contains("x-api-key") && !console.contains("authorization"))
    let other = headers.translated(to: try self.anthropic(), key: "sk-ant-api03-x", isStreaming: false)
    #expect(!other.contains("x-api-key") && other.contains("authorization"))
    #expect(headers.translated(to: vendor, key: "sk-ant-oat-x", isStreaming: false).contains("authorization"))
  }

  @Test("a relayed request keeps the client's fields, and the operator's wishes count")
  func relayed() throws {
    var settings = HeaderSettings()
    settings.extra = [self.header("x-vendor", "abc"), self.header("x-stainless-lang", nil)]
    let client = try Requests.fields([
      ("anthropic-version", "2026-10-21"), ("X-Stainless-Lang", "py"), ("x-api-key", "client"),
      ("user-agent", "sdk"), ("x-empty", ""),
    ])
    let fields = MessagesHeaders(settings, userAgent: "claude-proxy/1").relayed(
      client, to: try self.anthropic(), key: "k")
    #expect(
      self.lines(fields) == [
        "anthropic-version: 2026-10-21", "user-agent: sdk", "x-empty;", "content-type: application/json",
        "x-vendor: abc", "accept-encoding: identity", "authorization: Bearer k", "accept:", "expect:",
      ])
  }

  @Test("the operator's own fields replace any other towards Chat Completions, the key among them")
  func custom() throws {
    var settings = HeaderSettings()
    settings.custom = [
      self.header("X-FOO", "bar"), self.header("User-Agent", "ua"), self.header("AUTHORIZATION", "Basic x"),
    ]
    let headers = ChatHeaders(settings, userAgent: "claude-proxy/1")
    #expect(
      self.lines(headers.translated(to: try self.openAI(), key: "k", isStreaming: false)) == [
        "accept: application/json", "content-type: application/json", "User-Agent: ua",
        "accept-encoding: identity", "AUTHORIZATION: Basic x", "X-FOO: bar", "expect:",
      ])
  }

  @Test("Azure gets the key in its own field as well")
  func azure() throws {
    let upstream = try self.openAI(azure: AzureFlavour(version: "v", isPerModel: false))
    let headers = ChatHeaders(HeaderSettings(), userAgent: "x")
    let client = try Requests.fields([("api-key", "client"), ("accept", "*/*")])
    for fields in [
      headers.translated(to: upstream, key: "k", isStreaming: true),
      headers.relayed(client, to: upstream, key: "k"),
    ] {
      #expect(
        self.lines(fields).contains("api-key: k") && self.lines(fields).contains("authorization: Bearer k"))
    }
  }

  @Test("setting a field that stands twice leaves one")
  func twice() throws {
    var fields = OutboundFields(relaying: try Requests.fields([("x-a", "1"), ("x-b", "2"), ("X-A", "3")]))
    fields.set("x-A", "4")
    #expect(self.lines(fields).prefix(2) == ["x-A: 4", "x-b: 2"])
    fields.remove("X-a")
    #expect(!fields.contains("x-a"))
  }
}
