import Foundation
import Testing

@testable import Settings

/// The files of the four older proxies, as their documentation shows them, start this daemon unchanged.
@Suite struct OldFilesTests {
  /// Every variable that one of the four read.
  static let variables = """
    UPSTREAM_API_URL UPSTREAM_API_KEY ALLOWED_API_KEYS DEFAULT_MODEL MODEL_ALIASES DEFAULT_SYSTEM_PROMPT
    DEFAULT_MAX_TOKENS MAX_TOKENS_HARD_LIMIT MAX_TOKENS_DYNAMIC MODEL_CONTEXT_LIMITS_JSON
    TOKEN_EST_CHARS_PER_TOKEN IMAGE_TOKEN_EQUIV DYNAMIC_SAFETY_MARGIN MAX_IMAGE_BYTES IMAGE_FETCH_TIMEOUT
    CORS_ORIGINS UPSTREAM_PROXY_URL DEFAULT_PROXY_URL UPSTREAM_ANTHROPIC_VERSION UPSTREAM_ANTHROPIC_BETA
    UPSTREAM_ANTHROPIC_DANGEROUS UPSTREAM_USER_AGENT UPSTREAM_X_APP UPSTREAM_EXTRA_HEADERS_JSON PORT
    GUNICORN_WORKERS GUNICORN_TIMEOUT HOST LOG_LEVEL BIG_MODEL SMALL_MODEL OPENAI_API_KEY OPENAI_BASE_URL
    MAX_TOKENS_LIMIT REQUEST_TIMEOUT ANTHROPIC_API_KEY AZURE_API_VERSION MIN_TOKENS_LIMIT MAX_RETRIES
    MIDDLE_MODEL CUSTOM_HEADER_* BACKEND_URL HOST_PORT RUST_LOG BACKEND_TIMEOUT_SECS ENABLE_CIRCUIT_BREAKER
    CADDY_DOMAIN CADDY_PORT CADDY_TLS BACKEND_KEY
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  @Test("every old variable is known, and the README says what it does now")
  func everyVariable() throws {
    let readme = try String(
      contentsOf: SettingsPageTests.root.appendingPathComponent("README.md"), encoding: .utf8)
    let section = try #require(readme.split(separator: "\n## ").first { $0.hasPrefix("Coming from") })
    let firstCells = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
      .compactMap { $0.dropFirst().split(separator: "|").first }.joined()
    for name in Self.variables {
      #expect(
        SettingTable.row(named: name) != nil || KnownName.all.contains { $0.covers(name) }, "\(name)")
      #expect(firstCells.contains("`\(name)`"), "\(name)")
    }
  }

  @Test("the Flask proxy's file")
  func flask() throws {
    let configuration = Configuration(
      """
      # upstream
      UPSTREAM_API_URL=https://gateway.example/api/v1/messages?beta=true
      UPSTREAM_API_KEY=cr_set_upstream_api_key
      ALLOWED_API_KEYS=sk-test123,sk-test456
      DEFAULT_MODEL=claude-3-5-sonnet-latest
      MODEL_ALIASES=gpt-4o:claude-3-5-sonnet-latest,gpt-4:claude-3-opus-latest
      DEFAULT_SYSTEM_PROMPT="You are Claude Code, Anthropic's official CLI for Claude."
      DEFAULT_MAX_TOKENS=4096
      MAX_TOKENS_HARD_LIMIT=16384
      MAX_TOKENS_DYNAMIC=false
      MODEL_CONTEXT_LIMITS_JSON={"claude-3-5-sonnet-latest":200000}
      TOKEN_EST_CHARS_PER_TOKEN=4.0
      IMAGE_TOKEN_EQUIV=256
      DYNAMIC_SAFETY_MARGIN=1024
      CORS_ORIGINS="*"
      UPSTREAM_PROXY_URL=
      DEFAULT_PROXY_URL=http://127.0.0.1:7890
      UPSTREAM_ANTHROPIC_VERSION=2023-06-01
      UPSTREAM_EXTRA_HEADERS_JSON={"x-app":"cli"}
      PORT=5000
      GUNICORN_WORKERS=2
      GUNICORN_TIMEOUT=300
      """)
    let settings = try configuration.settings()
    #expect(settings.plan.anthropic?.messagesURL.requestTarget == "/api/v1/messages?beta=true")
    #expect(settings.plan.anthropic?.key == nil)
    #expect(settings.clients.allowedKeys.count == 2)
    #expect(settings.upstream.proxy == .direct)
    #expect(settings.models.target(of: "gpt-4") == "claude-3-opus-latest")
    #expect(settings.budget.windows == [.init(model: "claude-3-5-sonnet-latest", tokens: 200_000)])
    #expect(settings.crossOrigin == .all)
    #expect(settings.upstream.lastResortProxy?.origin == "http://127.0.0.1:7890")
    #expect(settings.headers.extra == [.init(name: "x-app", value: Secret("cli"))])
    #expect(settings.translation.systemPrompt.utf8.count == 57)
    for word in ["placeholder", "sk-test123", "sk-test456"] {
      #expect(configuration.remarks.contains { $0.contains(word) }, "\(word)")
    }
    #expect(!configuration.remarks.contains { $0.contains("no effect") || $0.contains("unknown setting") })
  }

  @Test("the small FastAPI proxy's file")
  func small() throws {
    let settings = try Configuration(
      """
      OPENAI_API_KEY=sk-0123456789
      OPENAI_BASE_URL=https://api.openai.com/v1/
      BIG_MODEL=gpt-4o
      SMALL_MODEL=gpt-4o-mini
      HOST=127.0.0.1
      PORT=8082
      LOG_LEVEL=INFO
      MAX_TOKENS_LIMIT=4096
      REQUEST_TIMEOUT=90
      """
    ).settings()
    #expect(settings.listening.inWords == "127.0.0.1:8082")
    #expect(settings.waits.firstByteSeconds == 90)
    #expect(settings.models.middle == "gpt-4o" && settings.models.small == "gpt-4o-mini")
    #expect(
      settings.plan.openAI?.chatCompletionsURL.description == "https://api.openai.com/v1/chat/completions")
  }

  @Test("the full FastAPI proxy's file, quoted and commented")
  func full() throws {
    let configuration = Configuration(
      """
      export OPENAI_API_KEY="sk-your-key"       # the upstream's
      ANTHROPIC_API_KEY="key-my-clients-present"
      OPENAI_BASE_URL="https://api.openai.com/v1"
      # AZURE_API_VERSION="2024-03-01-preview"
      BIG_MODEL="gpt-4o"
      MIDDLE_MODEL="gpt-4o"
      SMALL_MODEL="gpt-4o-mini"
      HOST="0.0.0.0"
      PORT="8082"
      LOG_LEVEL="WARNING"  # DEBUG, INFO, WARNING, ERROR, CRITICAL
      MAX_TOKENS_LIMIT="4096"
      MIN_TOKENS_LIMIT="4096"
      REQUEST_TIMEOUT="90"
      MAX_RETRIES="2"
      CUSTOM_HEADER_X_TEAM="core"
      """)
    let settings = try configuration.settings()
    #expect(settings.logLevel == .warning)
    #expect(settings.listening.inWords == "0.0.0.0:8082")
    #expect(settings.plan.messages?.keyMode == .serverKey)
    #expect(settings.headers.custom == [.init(name: "X-TEAM", value: Secret("core"))])
    #expect(settings.budget.upperBound == 4096 && settings.budget.lowerBound == 4096)
    #expect(settings.models.namesSizes && settings.resilience.retries == 2)
    #expect(configuration.remarks.isEmpty)
  }

  @Test("the Rust proxy's file")
  func rust() throws {
    let configuration = Configuration(
      """
      BACKEND_URL=http://127.0.0.1:8000/v1/chat/completions
      BACKEND_KEY=cpk_sample
      HOST_PORT=8180
      RUST_LOG=info
      BACKEND_TIMEOUT_SECS=300
      ENABLE_CIRCUIT_BREAKER=true
      CADDY_DOMAIN=proxy.example
      CADDY_PORT=8180
      CADDY_TLS=false
      """)
    let settings = try configuration.settings()
    #expect(settings.listening.port == 8180)
    #expect(settings.waits.firstByteSeconds == 300)
    #expect(settings.plan.messages?.keyMode == .forward)
    #expect(settings.resilience.hasBreaker)
    #expect(configuration.remarks.count == 4)
    #expect(!configuration.remarks.contains { $0.contains("unknown setting") })
  }
}
