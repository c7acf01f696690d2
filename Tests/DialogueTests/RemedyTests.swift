import Dialogue
import Testing
import Wire

/// What is left out after a refusal, from what vendors are known to say (matrix G).
@Suite struct RemedyTests {
  private static func failure(_ body: String, _ dialect: Dialect, status: Int = 400) -> Failure {
    Translation.failure(status: status, headers: [], body: Array(body.utf8), from: dialect)
  }

  private static func openAI(_ message: String, param: String? = nil) -> String {
    let param = param.map { "\"\($0)\"" } ?? "null"
    return
      #"{"error":{"message":"\#(message)","type":"invalid_request_error","param":\#(param),"code":null}}"#
  }

  private static func anthropic(_ message: String) -> String {
    #"{"type":"error","error":{"type":"invalid_request_error","message":"\#(message)"}}"#
  }

  struct Row: CustomTestStringConvertible, Sendable {
    let profile: String
    let body: String
    let field: String
    /// Of a request that has everything.
    let isGone: String
    var testDescription: String { "\(self.profile): \(self.field)" }
  }

  private static let rows: [Row] = [
    Row(
      profile: "generic", body: Self.openAI("Unknown parameter: 'stream_options'.", param: "stream_options"),
      field: "stream_options", isGone: "stream_options"),
    Row(
      profile: "vllm",
      body:
        #"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#,
      field: "stream_options", isGone: "stream_options"),
    Row(
      profile: "openai",
      body: Self.openAI(
        "Unsupported parameter: 'temperature' is not supported with this model.", param: "temperature"),
      field: "temperature", isGone: "temperature"),
    Row(
      profile: "openai", body: Self.openAI("Unsupported parameter: 'stop' is not supported with this model."),
      field: "stop", isGone: "stop"),
    Row(
      profile: "openai",
      body: Self.openAI("Unrecognized request argument supplied: parallel_tool_calls"),
      field: "parallel_tool_calls", isGone: "parallel_tool_calls"),
    Row(
      profile: "openai",
      body:
        #"{"object":"error","message":"body.tools.0.function.strict: Extra inputs are not permitted","type":"BadRequestError","code":400}"#,
      field: "strict", isGone: "tools[0].function.strict"),
    Row(
      profile: "openai-reasoning",
      body: Self.openAI("This model does not support parameter reasoning_effort"),
      field: "reasoning_effort", isGone: "reasoning_effort"),
    Row(
      profile: "openai", body: Self.openAI("Unknown parameter: 'safety_identifier'."),
      field: "safety_identifier", isGone: "safety_identifier"),
  ]

  private static let whole = #"""
    {"model":"m","max_tokens":9,"temperature":0.5,"stop_sequences":["x"],"stream":true,
    "output_config":{"effort":"low"},"metadata":{"user_id":"u"},
    "tools":[{"name":"f","strict":true,"input_schema":{"type":"object","properties":{},"required":[],
    "additionalProperties":false}}],
    "tool_choice":{"type":"auto","disable_parallel_tool_use":true},"messages":[{"role":"user","content":"x"}]}
    """#

  /// One request, refused once.
  private struct Attempt {
    let source: RequestSource
    let body: Translation.Body

    init(
      _ text: String, _ from: Dialect, _ profile: Profile, curedOf remedies: [Remedy] = [],
      state: [UInt8]? = nil
    ) throws {
      let document = try JSONDocument(text)
      self.source = RequestSource(
        document, from: from, to: profile, curedOf: remedies, remembered: { _ in state })
      guard case .send(let body) = try self.source.request(document) else { throw CancellationError() }
      self.body = body
    }

    var root: JSONValue { get throws { try JSONDocument(self.body.bytes).root } }

    func mended(_ failure: Failure) -> (remedy: Remedy, request: Translation.Body)? {
      self.source.mended(after: failure, saying: Array("{}".utf8), sent: self.body.bytes)
    }
  }

  private static func member(_ path: String, of root: JSONValue) -> JSONValue? {
    var value: JSONValue? = root
    for step in path.split(whereSeparator: { ".[]".contains($0) }) {
      value =
        Int(step).flatMap { number in value?.elements.dropFirst(number).first { _ in true } }
        ?? value?.member(named: String(step))
    }
    return value
  }

  @Test(arguments: Self.rows)
  func oneFieldLess(_ row: Row) throws {
    let profile = try #require(ProfileTable.profile(named: row.profile))
    let failure = Self.failure(row.body, .chat)
    let first = try Attempt(Self.whole, .messages, profile)
    let (remedy, request) = try #require(first.mended(failure))
    #expect(remedy.field == row.field)
    #expect(Self.member(row.isGone, of: try first.root) != nil)
    #expect(Self.member(row.isGone, of: try JSONDocument(request.bytes).root) == nil)
    // The next request is the same at once, and what was cured is not cured again.
    let second = try Attempt(Self.whole, .messages, profile, curedOf: [remedy])
    #expect(second.body.bytes == request.bytes)
    #expect(second.body.losses == request.losses)
    #expect(second.mended(failure)?.remedy != remedy)
  }

  @Test func theOtherNameOfTheTokenLimit() throws {
    let generic = try #require(ProfileTable.profile(named: "generic"))
    let failure = Self.failure(
      Self.openAI(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        param: "max_tokens"), .chat)
    let request = try #require(try Attempt(Self.whole, .messages, generic).mended(failure)).request
    let after = try JSONDocument(request.bytes).root
    #expect(after["max_completion_tokens"]?.integer == 9)
    #expect(after["max_tokens"] == nil)
  }

  private static let chat = #"""
    {"model":"m","max_tokens":4000,"temperature":0.5,"reasoning_effort":"high","messages":[{"role":"user","content":
    "x"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f",
    "arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"},{"role":"system","content":"late"}],
    "tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required",
    "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{}}}}}
    """#

  @Test(arguments: [
    ("messages.1.content.0: Invalid `signature` in `thinking` block", "signature"),
    ("temperature is deprecated for this model", "temperature"),
    ("output_config.format: Extra inputs are not permitted", "format"),
    ("tool_choice forces tool use is not supported by this model", "tool_choice"),
    ("This model does not support assistant message prefill.", "prefill"),
    ("messages: Unexpected role \\\"system\\\".", "system"),
    ("adaptive thinking is not supported on this model", "adaptive"),
    ("thinking.type.disabled is not supported for this model", "disabled"),
  ])
  func aMessagesUpstream(_ message: String, _ field: String) throws {
    let name = ["temperature", "prefill"].contains(field) ? "anthropic-4.5" : "anthropic-5"
    let profile = try #require(ProfileTable.profile(named: name))
    let failure = Self.failure(Self.anthropic(message), .messages)
    // Nobody who thinks is sampled, and only who does not think can be told that it need not.
    var text = Self.chat
    if name == "anthropic-4.5" { text.replace(#""reasoning_effort":"high","#, with: "") }
    if field == "disabled" {
      text.replace(#""reasoning_effort":"high""#, with: #""reasoning_effort":"none""#)
    }
    if field == "prefill" { text.replace(#""role":"system""#, with: #""role":"assistant""#) }
    let state = field == "signature" ? Self.thoughts : nil
    let first = try Attempt(text, .chat, profile, state: state)
    let (remedy, request) = try #require(first.mended(failure), "\(message)")
    #expect(remedy.field == field)
    let second = try Attempt(text, .chat, profile, curedOf: [remedy], state: state)
    #expect(second.body.bytes == request.bytes)
    #expect(second.mended(failure)?.remedy != remedy)
  }

  private static let thoughts = Array(#"[{"type":"thinking","thinking":"t","signature":"s"}]"#.utf8)

  /// Thoughts with a signature nobody knows any more stay behind; the calls do not.
  @Test func withoutForeignThoughts() throws {
    let profile = try #require(ProfileTable.profile(named: "anthropic-5"))
    let failure = Self.failure(Self.anthropic("Invalid `signature` in `thinking` block"), .messages)
    let first = try Attempt(Self.chat, .chat, profile, state: Self.thoughts)
    let (remedy, request) = try #require(first.mended(failure))
    #expect(String(decoding: first.body.bytes, as: UTF8.self).contains("signature"))
    let text = String(decoding: request.bytes, as: UTF8.self)
    #expect(!text.contains("signature") && text.contains("tool_use"))
    // Another conversation's may be good.
    #expect(!remedy.isLasting && Remedy("temperature").isLasting)
  }

  @Test(arguments: [
    (401, "Unknown parameter: 'stream_options'."), (500, "Unknown parameter: 'stream_options'."),
    (400, "The prompt is too long."), (400, "Unknown parameter: 'banana'."),
    (400, "temperature must be at most 2"), (429, "Unsupported parameter: 'stop'"),
  ])
  func nothingElseIsTriedAgain(_ status: Int, _ message: String) throws {
    let profile = try #require(ProfileTable.profile(named: "openai"))
    let failure = Self.failure(Self.openAI(message), .chat, status: status)
    #expect(try Attempt(Self.whole, .messages, profile).mended(failure) == nil)
  }
}
