import Dialogue
import Testing
import Tokens
import Wire

@testable import Gateway
@testable import Settings

/// Plans that depend on a number of tokens, and requests for nothing else.
@Suite struct CountingPlanTests {
  private static let body =
    #"{"model":"claude-3-5-haiku-latest","messages":[{"role":"user","content":"hi"}]}"#

  private func plan(
    _ upstreams: UpstreamPlan, _ body: String = body, query: String = "",
    change: (inout Settings) -> Void = { _ in }
  ) throws -> Planner.Outcome {
    var settings = Requests.snapshot(upstreams).settings
    change(&settings)
    let snapshot = Snapshot(settings, isFaulty: false, generation: 1, configurationFile: "f.env")
    var surroundings = Surroundings.counted(now: 0)
    let choice = try #require(upstreams.messages)
    let head = try Requests.head(
      "POST /v1/messages/count_tokens\(query)", [("anthropic-beta", "token-counting-2024-11-01")])
    return try Planner(snapshot, userAgent: "u").plan(
      Errand(.countTokens, to: choice, key: "k"), head, Array(body.utf8), &surroundings)
  }

  @Test("an upstream that speaks Messages is asked, with its name for the model")
  func asked() throws {
    guard
      case .send(let plan) = try self.plan(
        Requests.anthropic("http://up.example/x/v1/messages?a=1"), query: "?beta=true",
        change: { $0.models.aliases = [.init(name: "claude-3-5-haiku-latest", target: "small")] })
    else { throw Requests.Unreadable() }
    #expect(plan.url == "http://up.example/x/v1/messages/count_tokens?a=1&beta=true")
    #expect(String(decoding: plan.body, as: UTF8.self).hasPrefix(#"{"model":"small","messages""#))
    let lines = plan.headerLines.map { String(decoding: $0, as: UTF8.self) }
    #expect(lines.contains("anthropic-beta: token-counting-2024-11-01"))
    #expect(lines.contains("authorization: Bearer k"))
    guard case .counted = plan.reply else { throw Requests.Unreadable() }
    #expect(plan.countable?.model == "small" && plan.retries == .none)
  }

  @Test("for any other the count is made here, for the model that would read it")
  func local() throws {
    let upstreams = try Requests.openAI(.serverKey)
    guard
      case .count(let unfinished) = try self.plan(
        upstreams,
        change: { $0.models.aliases = [.init(name: "claude-3-5-haiku-latest", target: "gpt-5-mini")] })
    else { throw Requests.Unreadable() }
    #expect(unfinished.countable.model == "gpt-5-mini" && unfinished.countable.prompt.isEmpty)
  }

  @Test("no message is nothing to answer, but something to count")
  func empty() throws {
    let outcome = try self.plan(try Requests.openAI(.serverKey), #"{"model":"m","messages":[]}"#)
    guard case .count(let unfinished) = outcome else { throw Requests.Unreadable() }
    let counter = TokenCounter(Vocabularies(), Settings())
    #expect(counter.count(unfinished.countable) == TokenCount(1, by: nil))
  }

  @Test(
    "what is no request is refused, naming the place",
    arguments: [
      (#"{"model":"m"}"#, "messages"), (#"{"messages":[]}"#, "model"),
      (#"{"model":"m","messages":7}"#, "messages"), (#"{"model":"m","messages":[7]}"#, "messages[0]"),
      (#"{"model":"m","messages":[{"role":"user"}]}"#, "messages[0].content"),
      (#"{"model":"m","messages":[{"role":"user","content":[{}]}]}"#, "messages[0].content[0].type"),
      (#"{"model":"m","messages":[{"role":"x","content":"a"}]}"#, "messages[0].role"),
      (#"{"model":"m","messages":[],"tools":7}"#, "tools"),
      (#"{"model":"m","messages":[],"system":7}"#, "system"), ("[]", nil), ("{", nil),
    ] as [(String, String?)])
  func refused(_ body: String, _ path: String?) throws {
    #expect {
      _ = try self.plan(try Requests.openAI(.serverKey), body)
    } throws: {
      guard let error = $0 as? ErrorReply, error.status == 400, error.param == path else { return false }
      let body = String(decoding: error.body(for: .anthropic, requestName: "req_1"), as: UTF8.self)
      return body.contains("invalid_request_error") && (path == nil || body.contains(path ?? ""))
    }
  }

  @Test("a prompt is counted for a budget alone where a window is known")
  func budget() throws {
    var settings = Requests.snapshot(try Requests.anthropic()).settings
    settings.budget.isDynamic = true
    settings.budget.windows = [.init(model: "m", tokens: 10_000)]
    settings.translation.systemPrompt = "Be brief."
    let snapshot = Snapshot(settings, isFaulty: false, generation: 1, configurationFile: "f.env")
    let planner = Planner(snapshot, userAgent: "u")
    let errand = Errand(.chatCompletions, to: try #require(settings.plan.chatCompletions), key: "k")
    var surroundings = Surroundings.counted(now: 0)
    let body = #"{"model":"m","max_tokens":99999,"messages":[{"role":"user","content":"hi"}]}"#
    let outcome = try planner.plan(errand, try Requests.head(), Array(body.utf8), &surroundings)
    guard case .count(let unfinished) = outcome else { throw Requests.Unreadable() }
    #expect(unfinished.countable.prompt == "Be brief.")
    let resumed = try planner.resume(
      unfinished, TokenCount(1000, by: nil), errand, try Requests.head(), &surroundings)
    guard case .send(let plan) = resumed else { throw Requests.Unreadable() }
    #expect(plan.notes.tokenCeiling == 10_000 - 1000 - settings.budget.safetyMargin)
    let other = body.replacing(#""m""#, with: #""n""#)
    guard
      case .send = try planner.plan(errand, try Requests.head(), Array(other.utf8), &surroundings)
    else { throw Requests.Unreadable() }
  }

  @Test("a request that only warms a cache is answered with its count")
  func prewarm() throws {
    let upstreams = try Requests.openAI(.serverKey)
    let planner = Planner(Requests.snapshot(upstreams), userAgent: "u")
    let errand = Errand(.messages, to: try #require(upstreams.messages), key: "k")
    var surroundings = Surroundings.counted(now: 0)
    let body = #"{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"hi"}]}"#
    let outcome = try planner.plan(errand, try Requests.head(), Array(body.utf8), &surroundings)
    guard case .count(let unfinished) = outcome else { throw Requests.Unreadable() }
    let resumed = try planner.resume(
      unfinished, TokenCount(7, by: nil), errand, try Requests.head(), &surroundings)
    guard case .answer(let answer) = resumed else { throw Requests.Unreadable() }
    let reply = try JSONDocument(answer.body).root
    #expect(reply["usage"]?["input_tokens"]?.integer == 7)
    #expect(reply["usage"]?["output_tokens"]?.integer == 0 && reply["stop_reason"]?.string == "max_tokens")
  }

  @Test("a long answer is counted by its beginning")
  func estimate() {
    let counter = TokenCounter(Vocabularies(), Settings())
    #expect(counter.estimate([], model: "m") == 0)
    #expect(counter.estimate(Array("abcdefgh".utf8), model: "m") == 2)
    #expect(counter.estimate(Array(repeating: 0x61, count: 1 << 20), model: "m") == 1 << 18)
  }
}
