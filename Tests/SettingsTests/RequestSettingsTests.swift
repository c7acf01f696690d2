import Testing

@testable import Settings

/// Settings about what requests become: models, tokens, header fields, translations.
@Suite struct RequestSettingsTests {
  @Test("an empty file has the documented defaults")
  func defaults() throws {
    let settings = try Configuration().settings()
    #expect(settings.models.standard == "claude-3-5-sonnet-latest")
    #expect(settings.models.big == "gpt-4o" && settings.models.middle == "gpt-4o")
    #expect(settings.models.small == "gpt-4o-mini" && !settings.models.namesSizes)
    #expect(settings.budget.standard == 4096 && settings.budget.hardLimit == 16_384)
    #expect(settings.budget.upperBound == nil && settings.budget.lowerBound == nil)
    #expect(settings.resilience == Resilience() && settings.resilience.hasBreaker)
    #expect(settings.limits.messages == nil && settings.limits.contentBytes == nil)
    #expect(settings.crossOrigin == .byKeys)
    #expect(settings.translation.pingSeconds == 15 && settings.translation.earlyHeadSeconds == 10)
    #expect(settings.headers.anthropicVersion == "2023-06-01" && settings.headers.xApp == "cli")
  }

  @Test(
    "an empty value takes a default header field, and the prompt, away",
    arguments: [
      ("UPSTREAM_ANTHROPIC_VERSION", \Settings.headers.anthropicVersion),
      ("UPSTREAM_ANTHROPIC_BETA", \.headers.anthropicBeta),
      ("UPSTREAM_ANTHROPIC_DANGEROUS", \.headers.dangerousDirectBrowserAccess),
      ("UPSTREAM_X_APP", \.headers.xApp), ("DEFAULT_SYSTEM_PROMPT", \.translation.systemPrompt),
    ] as [(String, any KeyPath<Settings, String> & Sendable)])
  func emptied(name: String, field: any KeyPath<Settings, String> & Sendable) throws {
    #expect(try Configuration("\(name)=").settings()[keyPath: field] == "")
    #expect(try Configuration(environment: [(name, "")]).settings()[keyPath: field] == "")
    #expect(try !Configuration().settings()[keyPath: field].isEmpty)
    #expect(try Configuration("\(name)=a b").settings()[keyPath: field] == "a b")
  }

  @Test("the user agent is the daemon's own unless something, or nothing, is said")
  func userAgent() throws {
    #expect(try Configuration().settings().headers.userAgent == nil)
    #expect(try Configuration("UPSTREAM_USER_AGENT=").settings().headers.userAgent == "")
    #expect(try Configuration("UPSTREAM_USER_AGENT=x/1").settings().headers.userAgent == "x/1")
  }

  @Test(
    "aliases are pairs split at the first colon; what is no pair says nothing",
    arguments: [
      ("al:real , bad, x:", ["al": "real"]), ("a:b:c,d : e ", ["a": "b:c", "d": "e"]), (":x,", [:]),
      ("a:1,a:2", ["a": "1"]),
    ] as [(String, [String: String])])
  func aliases(text: String, expected: [String: String]) throws {
    let models = try Configuration("MODEL_ALIASES=\(text)").settings().models
    for (name, target) in expected { #expect(models.target(of: name) == target) }
    #expect(Set(models.aliases.map(\.name)) == Set(expected.keys))
    #expect(models.target(of: "AL") == nil)
  }

  @Test(
    "a faulty JSON value is told with its key, line and column",
    arguments: [
      (#"MODEL_CONTEXT_LIMITS_JSON={"m": 1,}"#, "line 1, column 9"),
      (#"MODEL_CONTEXT_LIMITS_JSON={"m": "abc"}"#, "for \"m\" at line 1, column 7"),
      (#"MODEL_CONTEXT_LIMITS_JSON={"a": 1, "m": 0}"#, "for \"m\" at line 1, column 15"),
      (#"MODEL_CONTEXT_LIMITS_JSON=[1]"#, "a JSON object, not"),
      (#"UPSTREAM_EXTRA_HEADERS_JSON={"x": "y""#, "line 1, column 10"),
      (#"UPSTREAM_EXTRA_HEADERS_JSON={"x y": "y"}"#, "for \"x y\" at line 1, column 9"),
      (#"UPSTREAM_EXTRA_HEADERS_JSON='{"x": "a\u000ab"}'"#, "for \"x\""),
      (#"UPSTREAM_EXTRA_HEADERS_JSON={"Host": "a"}"#, "for \"Host\""),
      (#"OPENAI_PROFILE_JSON={"stop_max": "many"}"#, "(stop_max)"),
      (#"OPENAI_PROFILE_JSON={"prefill": true}"#, "no capability `prefill`"),
      (#"UPSTREAM_PROFILE_JSON={"prefill": 1}"#, "(prefill)"),
    ])
  func json(line: String, words: String) throws {
    let faults = Configuration("\n\(line)\n").faults
    let key = try #require(line.split(separator: "=").first)
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("claude-proxy.env:2: \(key): ") == true, "\(faults)")
    #expect(faults.first?.contains(words) == true, "\(faults)")
  }

  @Test("a value that may hold a key is in no message")
  func headerValuesAreSecret() {
    for line in [
      #"UPSTREAM_EXTRA_HEADERS_JSON={"x": "canary", "y"}"#, "CUSTOM_HEADER_HOST=canary",
      "CUSTOM_HEADER_=canary", "CUSTOM_HEADER_X_A=\"can\u{1}ary\"",
    ] {
      let faults = Configuration(line).faults
      #expect(faults.count == 1 && !faults[0].contains("canary") && !faults[0].contains("ary\""), "\(faults)")
    }
  }

  @Test("windows are numbers, also when they are quoted")
  func windows() throws {
    let budget = try Configuration(#"MODEL_CONTEXT_LIMITS_JSON={"m":10000,"n":" 20 "}"#).settings().budget
    #expect(budget.window(of: "m") == 10_000 && budget.window(of: "n") == 20 && budget.window(of: "o") == nil)
  }

  @Test("extra header fields are set, or taken away by nothing and by null")
  func extraHeaders() throws {
    let text = #"UPSTREAM_EXTRA_HEADERS_JSON={"x-vendor":"abc","x-app":"","anthropic-beta":null,"n":1}"#
    #expect(
      try Configuration(text).settings().headers.extra == [
        .init(name: "x-vendor", value: Secret("abc")), .init(name: "x-app", value: nil),
        .init(name: "anthropic-beta", value: nil), .init(name: "n", value: Secret("1")),
      ])
    let configuration = Configuration(#"UPSTREAM_EXTRA_HEADERS_JSON={"Authorization":"Bearer canary"}"#)
    #expect(try configuration.settings().headers.extra.isEmpty)
    #expect(configuration.remarks.contains { $0.contains("UPSTREAM_API_KEY") })
  }

  @Test("a family of names gives a header field each, from files and from the environment")
  func customHeaders() throws {
    let configuration = Configuration(
      "OPENAI_BASE_URL=http://h/v1\nCUSTOM_HEADER_X_FOO=\"a b\"\nCUSTOM_HEADER_EMPTY=\nCUSTOM_HEADER_X_FOO=c\n",
      environment: [("CUSTOM_HEADER_User_Agent", "ua"), ("CUSTOM_HEADER_X_FOO", "d")])
    #expect(
      try configuration.settings().headers.custom == [
        .init(name: "User-Agent", value: Secret("ua")), .init(name: "X-FOO", value: Secret("d")),
      ])
    #expect(!configuration.remarks.contains { $0.contains("unknown setting") })
  }

  @Test(
    "origins are read as browsers spell them",
    arguments: [
      ("*", CrossOriginSettings.all), ("'*'", .all), ("None", .none),
      ("https://a.example, http://localhost:3000", .listed(["https://a.example", "http://localhost:3000"])),
      ("null", .listed(["null"])), ("app://x,*", .all),
    ])
  func origins(text: String, expected: CrossOriginSettings) throws {
    #expect(CrossOriginSettings(parsing: text) == expected)
  }

  @Test(
    "what no browser would send is refused",
    arguments: ["https://a.example/", "a.example", ",", "https://", "https://a b"])
  func notOrigins(text: String) {
    #expect(Configuration("CORS_ORIGINS=\"\(text)\"").faults.count == 1)
  }

  @Test(
    "a ratio is a plain decimal number; nothing and less mean 4",
    arguments: [("3.5", 3.5), ("4", 4), ("0", 4), ("-1", 4), (".5", 0.5)])
  func ratio(text: String, expected: Double) throws {
    #expect(
      try Configuration("TOKEN_EST_CHARS_PER_TOKEN=\(text)").settings().budget.charactersPerToken == expected)
  }

  @Test(
    "a ratio that is none is refused", arguments: ["x", "inf", "nan", "1e3", "1.2.3", "-", "0x1", "1000001"])
  func noRatio(text: String) {
    #expect(Configuration("TOKEN_EST_CHARS_PER_TOKEN=\(text)").faults.count == 1)
  }

  @Test("budgets that contradict each other, or can never count, are warned about")
  func budgets() throws {
    let crossed = Configuration("MIN_TOKENS_LIMIT=5\nMAX_TOKENS_LIMIT=4")
    #expect(crossed.remarks.contains { $0.contains("above MAX_TOKENS_LIMIT") })
    #expect(Configuration("MAX_TOKENS_DYNAMIC=on").remarks.contains { $0.contains("no effect until") })
    #expect(try Configuration("MAX_TOKENS_HARD_LIMIT=-1").settings().budget.hardLimit == -1)
    #expect(try Configuration("DYNAMIC_SAFETY_MARGIN=-5").settings().budget.safetyMargin == 0)
    #expect(Configuration("DEFAULT_MAX_TOKENS=0").faults.count == 1)
  }

  @Test("a profile is one of its protocol, by any of its names")
  func profiles() throws {
    let translation = try Configuration("OPENAI_PROFILE=p-chat\nUPSTREAM_PROFILE=Anthropic-5").settings()
      .translation
    #expect(translation.openAIProfile.name == "openai")
    #expect(translation.anthropicProfile.name == "anthropic-5")
    #expect(Configuration("OPENAI_PROFILE=anthropic").faults.first?.contains("generic") == true)
    #expect(Configuration("UPSTREAM_PROFILE=openai").faults.count == 1)
  }

  @Test("the envelope's key has the forms of a key")
  func envelopeKey() throws {
    let settings = try Configuration("ENVELOPE_KEY_FILE=/k", files: ["/k": "0123456789\n"]).settings()
    #expect(settings.translation.envelopeKey == Secret("0123456789"))
    let credential = Configuration(credentials: ["envelope-key": "0123456789"])
    #expect(try credential.settings().translation.envelopeKey == Secret("0123456789"))
  }

  @Test(
    "Azure's version goes into the query, and its deployments into the path unless the URL names one",
    arguments: [
      (
        "OPENAI_BASE_URL=https://r.openai.azure.com",
        "https://r.openai.azure.com/openai/deployments/g%2F4%20o/chat/completions?api-version=2024-10-21"
      ),
      (
        "OPENAI_BASE_URL=https://r.openai.azure.com/openai/",
        "https://r.openai.azure.com/openai/deployments/g%2F4%20o/chat/completions?api-version=2024-10-21"
      ),
      (
        "OPENAI_BASE_URL=https://r.openai.azure.com/openai/deployments/d",
        "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
      ),
      (
        "OPENAI_BASE_URL=https://r.openai.azure.com/openai/v1?a=b",
        "https://r.openai.azure.com/openai/v1/chat/completions?a=b&api-version=2024-10-21"
      ),
      (
        "BACKEND_URL=https://r.example/openai/deployments/d/chat/completions?api-version=2024-10-21",
        "https://r.example/openai/deployments/d/chat/completions?api-version=2024-10-21"
      ),
    ])
  func azure(line: String, expected: String) throws {
    let settings = try Configuration("AZURE_API_VERSION=2024-10-21\nOPENAI_API_KEY=k\n\(line)").settings()
    let upstream = try #require(settings.plan.openAI)
    #expect(upstream.azure?.version == "2024-10-21")
    #expect(upstream.url(forModel: "g/4 o").description == expected)
  }

  @Test("Azure's version needs a place to go to, and does not contradict its URL")
  func azureAlone() {
    #expect(Configuration("AZURE_API_VERSION=1\nOPENAI_API_KEY=k").faults.count == 1)
    #expect(Configuration("AZURE_API_VERSION=1\nBACKEND_URL=http://h/x?api-version=2").faults.count == 1)
    #expect(Configuration("AZURE_API_VERSION=1&a").faults.count == 1)
    #expect(Configuration("AZURE_API_VERSION=1").remarks.contains { $0.contains("unused") })
  }

  @Test("a reload says which of these settings changed")
  func changes() throws {
    let old = try Configuration("OPENAI_API_KEY=k").settings()
    let new = try Configuration("OPENAI_API_KEY=k\nCUSTOM_HEADER_A=b\nMODEL_ALIASES=a:b\nMAX_RETRIES=0")
      .settings()
    #expect(new.changes(from: old).map(\.name) == ["MAX_RETRIES", "CUSTOM_HEADER_*", "MODEL_ALIASES"])
    #expect(new.changes(from: old).allSatisfy { $0.effect == .live })
  }
}
