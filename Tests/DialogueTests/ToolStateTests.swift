import Dialogue
import Testing
import Wire

/// What an upstream signed comes back to it, though the client cannot carry it.
@Suite struct ToolStateTests {
  private static let answer = """
    {"type":"message","content":[{"type":"thinking","thinking":"Plan\\n","signature":"SIG=="},\
    {"type":"redacted_thinking","data":"RD=="},\
    {"type":"tool_use","id":"toolu_1","name":"f","input":{}}],"stop_reason":"tool_use",\
    "usage":{"input_tokens":1,"output_tokens":1}}
    """
  private static let thoughts = """
    [{"type":"thinking","thinking":"Plan\\n","signature":"SIG=="},{"type":"redacted_thinking","data":"RD=="}]
    """
  private static let nextRequest = """
    {"model":"m","max_tokens":4000,"reasoning_effort":"low","messages":[{"role":"user","content":"q"},\
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_1","type":"function",\
    "function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"toolu_1","content":"r"}],\
    "tools":[{"type":"function","function":{"name":"f"}}]}
    """

  private func context(_ client: Dialect, _ profile: String) throws -> ReplyContext {
    var context = ReplyContext(
      client: client, profile: try #require(ProfileTable.profile(named: profile)), model: "m")
    context.remembersState = true
    return context
  }

  private func states(ofStream stream: String, _ context: ReplyContext) -> [ToolState] {
    var translator = StreamTranslator(context, .counted(now: 0))
    let bytes = Array(stream.utf8)
    translator.feed(bytes.span)
    translator.finish()
    return translator.toolStates
  }

  @Test func signedThoughtsAreKeptForTheirCalls() throws {
    let context = try self.context(.chat, "anthropic-4.5")
    var surroundings = Surroundings.counted(now: 0)
    let reply = try Translation.reply(Array(Self.answer.utf8), context, &surroundings)
    #expect(reply.toolStates == [ToolState(call: "toolu_1", state: Array(Self.thoughts.utf8))])
    #expect(self.states(ofStream: Self.answer, context) == reply.toolStates)
  }

  @Test func theyStandInFrontOfTheTurnAgain() throws {
    let profile = try #require(ProfileTable.profile(named: "anthropic-4.5"))
    let document = try JSONDocument(Self.nextRequest)
    let state: (String) -> [UInt8]? = { $0 == "toolu_1" ? Array(Self.thoughts.utf8) : nil }
    guard
      case .send(let body) = try Translation.request(document, from: .chat, to: profile, remembered: state)
    else {
      Issue.record("not sent")
      return
    }
    let text = String(decoding: body.bytes, as: UTF8.self)
    #expect(
      text.contains(#""content":[{"type":"thinking","thinking":"Plan\n","signature":"SIG=="},{"type":"red"#))
    #expect(text.contains(#""thinking":{"type":"enabled""#))
  }

  @Test func withoutThemTheManualModelDoesNotThink() throws {
    let profile = try #require(ProfileTable.profile(named: "anthropic-4.5"))
    let document = try JSONDocument(Self.nextRequest)
    guard case .send(let body) = try Translation.request(document, from: .chat, to: profile) else {
      Issue.record("not sent")
      return
    }
    #expect(!String(decoding: body.bytes, as: UTF8.self).contains("thinking"))
    #expect(body.losses.inOrder.map(\.path) == ["reasoning_effort"])
  }

  @Test func proofsOfThoughtFollowTheirCalls() throws {
    let golden = try #require(Golden.all.first { $0.id == "STR-C2A-04" })
    let stream = String(decoding: try Golden.bytes(golden.inputPath), as: UTF8.self)
    let states = self.states(ofStream: stream, try self.context(.messages, "gemini"))
    #expect(states.map(\.call) == ["toolu_p1", "toolu_p2"])
    #expect(
      states.first.map { String(decoding: $0.state, as: UTF8.self) }
        == #"{"google":{"thought_signature":"TS1"}}"#)
  }

  @Test func theCacheIsBoundedInEntriesAndBytes() {
    var cache = ToolStateCache(maxEntries: 8, maxBytes: 100)
    for index in 0..<20 { cache.remember([UInt8](repeating: 1, count: 10), for: "k\(index)") }
    #expect(cache.count <= 8)
    #expect(cache.state(for: "k19") != nil)
    #expect(cache.state(for: "k0") == nil)
    cache.remember([UInt8](repeating: 1, count: 95), for: "large")
    #expect(cache.state(for: "large") != nil)
    cache.remember([UInt8](repeating: 1, count: 101), for: "too large")
    #expect(cache.state(for: "too large") == nil)
  }

  @Test func whatWasUsedLastStaysLongest() {
    var cache = ToolStateCache(maxEntries: 2, maxBytes: 100)
    cache.remember([1], for: "a")
    cache.remember([2], for: "b")
    #expect(cache.state(for: "a") == [1])
    cache.remember([3], for: "c")
    #expect(cache.state(for: "b") == nil)
    #expect(cache.state(for: "a") == [1] || cache.state(for: "c") == [3])
  }
}
