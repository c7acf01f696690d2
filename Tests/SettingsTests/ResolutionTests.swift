import Testing

@testable import Settings

/// Which value counts, and what is said about the others.
@Suite struct ResolutionTests {
  @Test("nothing at all is a good configuration without an upstream")
  func nothing() throws {
    let settings = try Configuration().settings()
    #expect(settings == Settings())
    #expect(!settings.plan.isConfigured)
    #expect(settings.plan.messages == nil && settings.plan.chatCompletions == nil)
  }

  @Test("a later file replaces an earlier one, and the process environment both")
  func precedence() throws {
    var sources = ConfigurationSources(files: [
      .init(path: "1.env", bytes: Array("PORT=1\nGUNICORN_WORKERS=3\nMAX_BODY_BYTES=10\n".utf8)),
      .init(path: "2.env", bytes: Array("PORT=2\nGUNICORN_WORKERS=4\n".utf8)),
    ])
    sources.environment = [(name: "PORT", value: "3")]
    guard case .accepted(let settings, let remarks) = Settings.resolve(sources) else {
      Issue.record("refused")
      return
    }
    #expect(settings.listening.port == 3)
    #expect(settings.workers.count == 4)
    #expect(settings.limits.bodyBytes == 10)
    #expect(remarks.map(\.place.description) == ["2.env:1"])
    #expect(remarks.first?.weight == .notice)
  }

  @Test("empty means unset, in a file and in the environment")
  func empty() throws {
    #expect(try Configuration("PORT=\nANTHROPIC_API_KEY=\nALLOWED_API_KEYS=\"\"\n").settings() == Settings())
    #expect(
      try Configuration("PORT=7", environment: [(name: "PORT", value: " ")]).settings().listening.port == 7)
    #expect(try Configuration("PORT=7\n", environment: []).settings().listening.port == 7)
  }

  @Test(
    "an outbound proxy may be set to nothing",
    arguments: [
      ("", OutboundProxy.environment), ("UPSTREAM_PROXY_URL=\n", .direct),
      ("UPSTREAM_PROXY_URL=''\n", .direct),
      (
        "UPSTREAM_PROXY_URL=http://127.0.0.1:7890\n",
        .through(UpstreamURL(scheme: .http, host: "127.0.0.1", port: 7890, path: "/", query: nil))
      ),
    ])
  func proxy(text: String, expected: OutboundProxy) throws {
    #expect(try Configuration(text).settings().upstream.proxy == expected)
  }

  @Test(
    "two names of one thing may agree and may not contradict",
    arguments: [
      ("PORT=80\nHOST_PORT=080\n", 0), ("PORT=80\nHOST_PORT=81\n", 1), ("HOST_PORT=80\n", 0),
      ("REQUEST_TIMEOUT=90\nBACKEND_TIMEOUT_SECS=90s\n", 0),
      ("REQUEST_TIMEOUT=90\nBACKEND_TIMEOUT_SECS=91\n", 1),
      ("HOST=127.0.0.1\nGUNICORN_BIND=localhost:5000\n", 0), ("HOST=::1\nGUNICORN_BIND=127.0.0.1:5000\n", 1),
      ("PORT=5001\nGUNICORN_BIND=127.0.0.1:5000\n", 1), ("PORT=5001\nGUNICORN_BIND=127.0.0.1\n", 0),
      ("GUNICORN_BIND=[::1]:80\nHOST=::1\n", 0), ("GUNICORN_BIND=unix:/run/x\nHOST=::1\n", 1),
      ("GUNICORN_BIND=unix:/run/x,:81\nPORT=80\nHOST=::1\n", 1), ("GUNICORN_BIND=fd://4\nPORT=80\n", 1),
      ("GUNICORN_BIND=:80\n", 0),
      ("GUNICORN_BIND=:\n", 1), ("GUNICORN_BIND=[::1]x\n", 1), ("GUNICORN_BIND=1.2.3.4:99999\n", 1),
      ("OPENAI_BASE_URL=http://h/v1/\nBACKEND_URL=http://h/v1/chat/completions\n", 0),
      ("OPENAI_BASE_URL=http://h/v1\nBACKEND_URL=http://h/v2/chat/completions\n", 1),
    ])
  func contradictions(text: String, count: Int) {
    #expect(Configuration(text).faults.count == count)
  }

  @Test(
    "GUNICORN_BIND names places as gunicorn does",
    arguments: [
      ("unix:/run/x", "unix:/run/x"), ("fd://3", "fd://3"), ("[::1]:80", "[::1]:80"),
      ("localhost", "127.0.0.1:5000"), (":80,[::1]", "127.0.0.1:80, [::1]:5000"),
      ("127.0.0.1:1,unix:/a b,fd://17", "127.0.0.1:1, unix:/a b, fd://17"),
    ])
  func places(bind: String, inWords: String) throws {
    let configuration = Configuration("GUNICORN_BIND=\"\(bind)\"\nALLOW_OPEN=true\n")
    #expect(try configuration.settings().listening.inWords == inWords)
  }

  @Test(
    "what is no place is refused, and says what would be",
    arguments: [
      "unix:", "unix:run/x", "unix:/run/", "unix:/" + String(repeating: "x", count: 107), "fd://", "fd://2",
      "fd://x", "127.0.0.1:80,", ",", "127.0.0.1:80,other:80", "tcp://127.0.0.1:80",
    ])
  func noPlaces(bind: String) throws {
    let fault = try #require(Configuration("GUNICORN_BIND=\(bind)\n").faults.first)
    #expect(fault.contains("GUNICORN_BIND") && fault.contains("unix:PATH"))
  }

  @Test("a contradiction names both places")
  func contradictionNamesBoth() throws {
    let configuration = Configuration("PORT=80\n\nHOST_PORT=81\n")
    let fault = try #require(configuration.faults.first)
    #expect(fault.contains("claude-proxy.env:3: HOST_PORT: \"81\""))
    #expect(fault.contains("PORT at claude-proxy.env:1"))
    #expect(Configuration("PORT=80", environment: [(name: "HOST_PORT", value: "81")]).faults.count == 1)
  }

  @Test(
    "a fallback counts only while the name itself is unset",
    arguments: [
      ("WEB_CONCURRENCY=7\n", 7, LogLevel.info), ("WEB_CONCURRENCY=7\nGUNICORN_WORKERS=3\n", 3, .info),
      ("RUST_LOG=metrics=info\n", 2, .info), ("RUST_LOG=warn,metrics=debug\n", 2, .warning),
      ("RUST_LOG=debug\nLOG_LEVEL=ERROR\n", 2, .error), ("RUST_LOG=nonsense\n", 2, .info),
      ("LOG_LEVEL=\"DEBUG # chatty\"\n", 2, .debug), ("LOG_LEVEL=WARNING # c\n", 2, .warning),
    ])
  func fallbacks(text: String, workers: Int, level: LogLevel) throws {
    let settings = try Configuration(text).settings()
    #expect(settings.workers.count == workers)
    #expect(settings.logLevel == level)
  }

  @Test(
    "an unknown name is warned about with its nearest known one, and never stops the daemon",
    arguments: [
      ("GUNICORN_WORKER=3\n", "GUNICORN_WORKERS"), ("openai_api_key=x\n", "OPENAI_API_KEY"),
      ("OPENAI-API=x\nOPENAI_API_KYE=sk-1\n", "OPENAI_API_KEY"), ("ALOWED_API_KEYS=x\n", "ALLOWED_API_KEYS"),
    ])
  func unknown(text: String, nearest: String) throws {
    let configuration = Configuration(text)
    _ = try configuration.settings()
    #expect(configuration.remarks.contains { $0.hasPrefix("warning: ") && $0.hasSuffix("is \(nearest)") })
  }

  @Test("a name like nothing known is warned about without a guess")
  func unlike() throws {
    #expect(
      Configuration("FROBNICATE_QUICKLY=1\n").remarks
        == ["warning: claude-proxy.env:1: FROBNICATE_QUICKLY: unknown setting, ignored"])
  }

  @Test("other programs' variables in the process environment are no business of ours")
  func environment() {
    let others = [
      (name: "PATH", value: "/bin"), (name: "HTTP_PROXY", value: "http://x"), (name: "HOME", value: "/"),
    ]
    #expect(Configuration(environment: others).remarks.isEmpty)
    let ours = [(name: "GUNICORN_WORKRES", value: "1"), (name: "GUNICORN_ERRORLOG", value: "-")]
    #expect(Configuration(environment: ours).remarks.count == 2)
  }

  @Test("all faults are found, in every row and file")
  func allFaults() {
    let text = """
      PORT=x
      GUNICORN_WORKERS=0
      UPSTREAM_HTTP2=maybe
      UPSTREAM_API_URL=ftp://h/
      GUNICORN_WORKER_CLASS=forked
      LOG_LEVEL=loud
      HOST=nowhere.example
      UPSTREAM_CA_FILE=relative.pem
      UPSTREAM=else
      """
    let faults = Configuration(text).faults
    #expect(faults.count == 9)
    #expect(
      faults.contains("claude-proxy.env:1: PORT: \"x\" is not accepted; expected an integer from 0 to 65535"))
    for line in 1...9 { #expect(faults.contains { $0.hasPrefix("claude-proxy.env:\(line): ") }) }
  }

  @Test("the same key twice in one file is warned about, and the later one counts")
  func twice() throws {
    let configuration = Configuration("PORT=1\nPORT=2\n")
    #expect(try configuration.settings().listening.port == 2)
    #expect(configuration.remarks.count == 1)
  }

  @Test("changes name what differs and what needs a restart")
  func changes() throws {
    let old = try Configuration("PORT=1\nUPSTREAM=demo\nOPENAI_API_KEY=sk-11111111\n").settings()
    let new = try Configuration("PORT=2\nUPSTREAM=demo\nOPENAI_API_KEY=sk-22222222\nLOG_LEVEL=debug\n")
      .settings()
    #expect(new.changes(from: old).map(\.name) == ["OPENAI_API_KEY", "PORT", "LOG_LEVEL"])
    #expect(new.changes(from: old).filter { $0.effect == .restart }.map(\.name) == ["PORT"])
    #expect(new.changes(from: new).isEmpty)
  }
}
