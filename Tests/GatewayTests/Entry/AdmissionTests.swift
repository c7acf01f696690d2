import Gateway
import Settings
import Testing
import Wire

/// Who may call, and whose key goes upstream.
@Suite struct AdmissionTests {
  /// A configuration in which a request for `/v1/chat/completions` finds its upstream.
  enum Mode: String, CaseIterable {
    case staticOpen, staticListed, staticAnthropicKey, staticBoth, dynamic, dynamicPrefixed, forward

    func snapshot() throws -> Snapshot {
      switch self {
      case .staticOpen: Requests.snapshot(try Requests.openAI(.serverKey))
      case .staticListed:
        Requests.snapshot(try Requests.openAI(.serverKey), allowed: ["other-key", "sk-good-key"])
      case .staticAnthropicKey:
        Requests.snapshot(try Requests.openAI(.serverKey), anthropicKey: "sk-good-key")
      case .staticBoth:
        Requests.snapshot(
          try Requests.openAI(.serverKey), allowed: ["sk-good-key"], anthropicKey: "another-key")
      case .dynamic: Requests.snapshot(try Requests.openAI(.dynamic), allowed: ["listed-key"])
      case .dynamicPrefixed: Requests.snapshot(try Requests.openAI(.dynamic), anthropicKey: "whatever-key")
      case .forward: Requests.snapshot(try Requests.openAI(.forward), anthropicKey: "whatever-key")
      }
    }

    var isStatic: Bool { self.rawValue.hasPrefix("static") }
  }

  /// How a request carries a key, and the key it carries.
  static let forms: [(fields: [(String, String)], key: String?)] = [
    ([], nil),
    ([("x-api-key", "sk-good-key")], "sk-good-key"),
    ([("X-API-Key", " sk-good-key ")], "sk-good-key"),
    ([("x-api-key", "sk-bad")], "sk-bad"),
    ([("x-api-key", "")], nil),
    ([("x-api-key", "plain-key")], "plain-key"),
    ([("x-api-key", "sk-ant-good-key")], "sk-ant-good-key"),
    ([("x-api-key", "prefix-sk-ant-x")], "prefix-sk-ant-x"),
    ([("authorization", "Bearer sk-good-key")], "sk-good-key"),
    ([("authorization", "bearer sk-good-key")], "sk-good-key"),
    ([("AUTHORIZATION", "BEARER  \t sk-good-key")], "sk-good-key"),
    ([("authorization", "Bearer\tsk-good-key")], "sk-good-key"),
    ([("authorization", "sk-good-key")], "sk-good-key"),
    ([("authorization", "Bearer")], nil),
    ([("authorization", "bearer ")], nil),
    ([("authorization", "")], nil),
    ([("authorization", "Basic c2stZ29vZC1rZXk=")], nil),
    ([("authorization", "Basic sk-good-key")], nil),
    ([("authorization", "Bearer sk-good-key extra")], "sk-good-key extra"),
    ([("authorization", "Bearer sk-bad"), ("x-api-key", "sk-good-key")], "sk-good-key"),
    ([("authorization", "Bearer sk-good-key"), ("x-api-key", "sk-bad")], "sk-bad"),
    ([("authorization", "Bearer sk-good-key"), ("x-api-key", "")], "sk-good-key"),
    ([("api-key", "sk-good-key")], nil),
    ([("x-forwarded-authorization", "Bearer sk-good-key")], nil),
  ]

  private static func expected(_ mode: Mode, _ key: String?) -> String {
    let isGood = key == "sk-good-key"
    switch mode {
    case .staticOpen:
      return "relay \(Requests.serverKey)"
    case .staticListed, .staticAnthropicKey, .staticBoth:
      return isGood ? "relay \(Requests.serverKey)" : "401 invalid_api_key"
    case .dynamic:
      return key.map { "relay \($0)" } ?? "401 missing_api_key"
    case .dynamicPrefixed:
      guard let key else { return "401 missing_api_key" }
      return key.hasPrefix("sk-") ? "relay \(key)" : "401 invalid_api_key"
    case .forward:
      guard let key else { return "401 missing_api_key" }
      return key.contains("sk-ant-") ? "401 invalid_auth_token" : "relay \(key)"
    }
  }

  @Test(
    "the table of modes, credentials and listeners: rights to spend a key are the same on each listener",
    arguments: Mode.allCases, [ListenerRole.inference, .admin])
  func table(_ mode: Mode, _ role: ListenerRole) throws {
    let snapshot = try mode.snapshot()
    for (fields, key) in Self.forms {
      let head = try Requests.head("POST /v1/chat/completions", fields)
      let verdict = Requests.judge(snapshot, head, .chatCompletions, on: role)
      #expect(verdict.word == Self.expected(mode, key), "\(mode) \(fields)")
    }
  }

  @Test("the credential is found, or it is not", arguments: 0..<AdmissionTests.forms.count)
  func credential(_ row: Int) throws {
    let (fields, key) = Self.forms[row]
    let found = ClientCredential.find(in: try Requests.head("POST /", fields).fields)
    #expect(found.map { String(decoding: $0, as: UTF8.self) } == key)
  }

  @Test("everything is shown on the admin socket and to keys that are known here", arguments: Mode.allCases)
  func inside(_ mode: Mode) throws {
    let snapshot = try mode.snapshot()
    func word(_ key: String?, _ role: ListenerRole) throws -> String {
      let head = try Requests.head("GET /health", key.map { [("x-api-key", $0)] } ?? [])
      return Requests.judge(snapshot, head, .health, on: role).word
    }
    #expect(try word(nil, .admin) == "health inside")
    #expect(try word("sk-bad", .admin) == "health inside")
    #expect(try word(nil, .inference) == "health")
    #expect(try word("sk-bad", .inference) == "health")
    let isKnown = mode.isStatic && mode != .staticOpen
    #expect(try word("sk-good-key", .inference) == (isKnown ? "health inside" : "health"))
    #expect(try word("listed-key", .inference) == (mode == .dynamic ? "health inside" : "health"))
    #expect(try word("whatever-key", .inference) == "health")
  }

  @Test("no header makes a caller on TCP an administrator")
  func headersGiveNothing() throws {
    let snapshot = try Mode.staticListed.snapshot()
    let fields = [
      ("x-forwarded-for", "127.0.0.1"), ("x-real-ip", "127.0.0.1"), ("forwarded", "for=unix:"),
      ("x-admin", "1"),
    ]
    let head = try Requests.head("GET /health", fields)
    #expect(Requests.judge(snapshot, head, .health).word == "health")
    #expect(RoutingTable.match(method: "POST", path: "/admin/reload", on: .inference) == .nothing(.openAI))
  }

  @Test(
    "the state of the service comes before the key, and pages come before the state",
    arguments: [
      (Route.messages, "503 unconfigured", "503 bad_configuration", "503 draining"),
      (.chatCompletions, "503 unconfigured", "503 bad_configuration", "503 draining"),
      (.ready, "503 unconfigured", "503 bad_configuration", "503 draining"),
      (.health, "health", "health", "health"), (.live, "live", "live", "live"),
      (.root, "root", "root", "root"),
    ])
  func states(_ route: Route, _ unconfigured: String, _ faulty: String, _ draining: String) throws {
    let head = try Requests.head()
    #expect(Requests.judge(Requests.snapshot(UpstreamPlan()), head, route).word == unconfigured)
    #expect(Requests.judge(Requests.snapshot(UpstreamPlan(), isFaulty: true), head, route).word == faulty)
    let good = Requests.snapshot(UpstreamPlan(isDemo: true))
    #expect(Requests.judge(good, head, route, isDraining: true).word == draining)
  }

  @Test("an upstream of the other protocol asks for the same keys")
  func translation() throws {
    let snapshot = Requests.snapshot(try Requests.openAI(.serverKey), allowed: ["sk-good-key"])
    let good = try Requests.head("POST /v1/messages", [("x-api-key", "sk-good-key")])
    #expect(Requests.judge(snapshot, try Requests.head(), .messages).word == "401 invalid_api_key")
    #expect(Requests.judge(snapshot, good, .messages).word == "relay \(Requests.serverKey)")
  }

  @Test("the demo asks for a key only where keys are set, and is sent none")
  func demo() throws {
    let head = try Requests.head("POST /v1/messages", [("authorization", "Bearer my-own-key")])
    #expect(
      Requests.judge(Requests.snapshot(UpstreamPlan(isDemo: true)), head, .messages).word
        == "relay without a key")
    let closed = Requests.snapshot(UpstreamPlan(isDemo: true), allowed: ["sk-good-key"])
    #expect(Requests.judge(closed, head, .messages).word == "401 invalid_api_key")
  }
}
