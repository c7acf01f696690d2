import Dialogue
import Testing
import Tokens
import Wire

@testable import Gateway
@testable import Settings

/// What the operator's settings make of a request, from a file's text to the upstream's bytes.
@Suite struct PlannerTests {
  struct Refused: Error {}

  static let anthropic = "UPSTREAM_API_URL=http://a.example/v1/messages\nUPSTREAM_API_KEY=k\n"
  static let openAI = "OPENAI_BASE_URL=http://o.example/v1\nOPENAI_API_KEY=k\n"

  private func outcome(
    _ file: String, _ line: String, _ body: String, fields: [(String, String)] = [],
    facts: UpstreamFacts = UpstreamFacts()
  ) throws -> Planner.Outcome {
    let sources = ConfigurationSources(files: [.init(path: "f.env", bytes: Array(file.utf8))])
    guard case .accepted(let settings, _) = Settings.resolve(sources) else { throw Refused() }
    let head = try Requests.head("POST \(line)", fields)
    let isMessages = head.path == "/v1/messages"
    let choice = try #require(isMessages ? settings.plan.messages : settings.plan.chatCompletions)
    let snapshot = Snapshot(settings, isFaulty: false, generation: 1, configurationFile: "f.env")
    var surroundings = Surroundings.counted(now: 0)
    let errand = Errand(isMessages ? .messages : .chatCompletions, to: choice, key: "k")
    let planner = Planner(snapshot, userAgent: "claude-proxy/9")
    let outcome = try planner.plan(errand, head, Array(body.utf8), &surroundings, facts: facts)
    guard case .count(let unfinished) = outcome else { return outcome }
    let count = TokenCounter(Vocabularies(), settings).count(unfinished.countable)
    return try planner.resume(unfinished, count, errand, head, &surroundings, facts: facts)
  }

  private func plan(
    _ file: String, _ line: String, _ body: String, fields: [(String, String)] = [],
    facts: UpstreamFacts = UpstreamFacts()
  ) throws -> RequestPlan {
    guard case .send(let plan) = try self.outcome(file, line, body, fields: fields, facts: facts) else {
      throw Refused()
    }
    return plan
  }

  private func sent(_ plan: RequestPlan) throws -> JSONValue { try JSONDocument(plan.body).root }

  private func chat(_ members: String = "") -> String {
    #"{"model":"m","messages":[{"role":"user","content":"hi"}]\#(members)}"#
  }

  private func messages(_ model: String = "claude-3-5-sonnet-20241022", _ members: String = "") -> String {
    #"{"model":"\#(model)","max_tokens":200,"messages":[{"role":"user","content":"hi"}]\#(members)}"#
  }

  @Test("a chat request to the Anthropic upstream has the documented defaults")
  func defaults() throws {
    var facts = UpstreamFacts()
    facts.userID = "user_x"
    let plan = try self.plan(Self.anthropic, "/v1/chat/completions", self.chat(), facts: facts)
    let body = try self.sent(plan)
    #expect(body["model"]?.string == "m" && body["max_tokens"]?.integer == 4096)
    let prompt = "You are Claude Code, Anthropic's official CLI for Claude."
    #expect(body["system"]?.rawText.contains(prompt) == true)
    #expect(body["metadata"]?["user_id"]?.string == "user_x")
    #expect(body["tools"] == nil && body["tool_choice"] == nil)
    #expect(plan.notes.nameRule == .unchanged && plan.notes.tokenCeiling == 16_384)
  }

  @Test(
    "settings of the first proxy make of a chat request what they used to",
    arguments: [
      ("MODEL_ALIASES=al:real , bad, x:", "/v1/chat/completions", #""model":"al""#, "model", #""real""#),
      ("DEFAULT_MODEL=std", "/v1/chat/completions", #""model":null"#, "model", #""std""#),
      ("DEFAULT_MODEL=std", "/v1/chat/completions", #""model":"""#, "model", #""std""#),
      ("DEFAULT_MODEL=std", "/v1/chat/completions", #""x":1"#, "model", #""std""#),
      ("", "/v1/chat/completions?max_tokens=99999", #""model":"m","max_tokens":64"#, "max_tokens", "16384"),
      ("", "/v1/chat/completions?max_tokens=0", #""model":"m","max_tokens":64"#, "max_tokens", "64"),
      ("", "/v1/chat/completions?max_tokens=abc", #""model":"m","max_tokens":"128""#, "max_tokens", "128"),
      ("", "/v1/chat/completions", #""model":"m","max_tokens":12.9"#, "max_tokens", "12"),
      ("", "/v1/chat/completions", #""model":"m","max_completion_tokens":77"#, "max_tokens", "77"),
      ("MAX_TOKENS_HARD_LIMIT=0", "/v1/chat/completions", #""max_tokens":99999"#, "max_tokens", "8192"),
      ("DEFAULT_MAX_TOKENS=9", "/v1/chat/completions", #""model":"m""#, "max_tokens", "9"),
      (
        "MAX_TOKENS_DYNAMIC=yes\nMODEL_CONTEXT_LIMITS_JSON={\"m\":10000}", "/v1/chat/completions",
        #""model":"m","max_tokens":99999"#, "max_tokens", "8962"
      ),
      ("DEFAULT_SYSTEM_PROMPT=", "/v1/chat/completions", #""model":"m""#, "system", nil),
    ] as [(String, String, String, String, String?)])
  func chatSettings(file: String, line: String, members: String, name: String, expected: String?) throws {
    let body = #"{\#(members),"messages":[{"role":"user","content":"hi"}]}"#
    let plan = try self.plan(Self.anthropic + file, line, body)
    #expect(try self.sent(plan).member(named: name)?.rawText == expected)
  }

  @Test(
    "settings of the others make of a Messages request what they used to",
    arguments: [
      (Self.openAI, "claude-3-5-haiku", "model", #""gpt-4o-mini""#),
      (Self.openAI + "MIDDLE_MODEL=mid", "claude-3-5-sonnet-20241022", "model", #""mid""#),
      (Self.openAI + "MODEL_ALIASES=a:b", "a", "model", #""b""#),
      (Self.openAI + "MAX_TOKENS_LIMIT=150", "gpt-4o", "max_tokens", "150"),
      (Self.openAI + "MIN_TOKENS_LIMIT=300", "gpt-4o", "max_tokens", "300"),
      (Self.openAI + "MIN_TOKENS_LIMIT=300\nMAX_TOKENS_LIMIT=250", "gpt-4o", "max_tokens", "250"),
      (Self.openAI, "gpt-4o", "max_tokens", "200"),
      (Self.openAI + "OPENAI_PROFILE=openai", "gpt-4o", "max_completion_tokens", "200"),
      ("BACKEND_URL=http://o.example/v1/chat/completions", "claude-x", "model", #""claude-x""#),
      ("BACKEND_URL=http://o.example/v1\nSMALL_MODEL=s", "claude-haiku", "model", #""s""#),
    ])
  func messagesSettings(file: String, model: String, name: String, expected: String) throws {
    let plan = try self.plan(file, "/v1/messages", self.messages(model))
    #expect(try self.sent(plan).member(named: name)?.rawText == expected)
  }

  @Test("a raised limit is no secret")
  func raised() throws {
    let plan = try self.plan(Self.openAI + "MIN_TOKENS_LIMIT=300", "/v1/messages", self.messages())
    #expect(plan.losses.inOrder.contains { $0.path == "max_tokens" && $0.action == .changed })
  }

  @Test("the upstream's own list corrects the case of names and tells what the server is")
  func listed() throws {
    var facts = UpstreamFacts()
    var model = PublishedModel(id: "Org/Model-X")
    model.ownedBy = "vllm"
    facts.models = ModelList([model])
    let plan = try self.plan(Self.openAI, "/v1/messages", self.messages("org/model-x"), facts: facts)
    #expect(try self.sent(plan)["model"]?.string == "Org/Model-X")
    #expect(plan.notes.nameRule == .listed && plan.notes.profile == "vllm")
    #expect(plan.notes.profileRule == .published)
  }

  @Test("a relayed request keeps every byte; an alias changes the name alone")
  func relayed() throws {
    let body = #" {"model" : "al", "unknown":[1.0,  2e5],"messages":7} "#
    let file = Self.anthropic + "MODEL_ALIASES=al:real\nUPSTREAM_EXTRA_HEADERS_JSON={\"x-v\":\"1\"}"
    let plain = try self.plan(Self.anthropic, "/v1/messages?beta=true", body)
    #expect(plain.body == Array(body.utf8))
    #expect(plain.url == "http://a.example/v1/messages?beta=true")
    if case .relayed = plain.reply {} else { Issue.record("\(plain.reply)") }
    let named = try self.plan(file, "/v1/messages", body)
    #expect(String(decoding: named.body, as: UTF8.self) == body.replacing("\"al\"", with: "\"real\""))
    #expect(named.headerLines.contains(Array("x-v: 1".utf8)))
    if case .renamed = named.reply {} else { Issue.record("\(named.reply)") }
  }

  @Test("a chat client's name for a model is left alone on its way to a chat upstream")
  func chatToChat() throws {
    let plan = try self.plan(Self.openAI, "/v1/chat/completions", self.chat())
    #expect(plan.body == Array(self.chat().utf8))
    #expect(plan.notes.nameRule == .unchanged)
  }

  @Test("Azure's URL names the deployment, and its key stands in both fields")
  func azure() throws {
    let file = "OPENAI_BASE_URL=https://r.openai.azure.com\nOPENAI_API_KEY=k\nAZURE_API_VERSION=v1\n"
    let plan = try self.plan(file, "/v1/messages", self.messages("claude-haiku"))
    #expect(
      plan.url
        == "https://r.openai.azure.com/openai/deployments/gpt-4o-mini/chat/completions?api-version=v1")
    #expect(plan.headerLines.contains(Array("api-key: k".utf8)))
    #expect(plan.notes.profile == "azure")
  }

  @Test(
    "a request the operator's limits forbid is refused in the words older clients know",
    arguments: [
      (Self.openAI, #"{"model":"m","max_tokens":1,"messages":[]}"#, "empty_messages"),
      (
        Self.openAI + "MAX_MESSAGES=1",
        #"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#,
        "too_many_messages"
      ),
      (Self.anthropic + "MAX_CONTENT_BYTES=1", #"{"messages":[{"content":"ab"}]}"#, "content_too_large"),
    ])
  func refused(file: String, body: String, code: String) {
    let error = #expect(throws: ErrorReply.self) { try self.outcome(file, "/v1/messages", body) }
    #expect(error?.code == code)
  }

  @Test("an upstream of the client's own protocol judges emptiness itself")
  func emptyRelayed() throws {
    _ = try self.plan(Self.anthropic, "/v1/messages", #"{"messages":[]}"#)
  }

  @Test("losses that are not wanted refuse the request")
  func strict() {
    let body = self.messages("m", #","top_k":5"#)
    #expect(throws: ErrorReply.self) {
      try self.outcome(Self.openAI + "TRANSLATION_LOSS=refuse", "/v1/messages", body)
    }
    #expect(throws: Never.self) { try self.outcome(Self.openAI, "/v1/messages", body) }
  }

  @Test("how often a request may go out again follows MAX_RETRIES", arguments: [0, 2, 5])
  func retries(count: Int) throws {
    let plan = try self.plan(Self.openAI + "MAX_RETRIES=\(count)", "/v1/messages", self.messages())
    #expect(plan.retries == RetryAllowance(count, coversStatuses: true))
    let relayed = try self.plan(Self.openAI + "MAX_RETRIES=\(count)", "/v1/chat/completions", self.chat())
    #expect(relayed.retries == RetryAllowance(count, coversStatuses: false))
  }
}
