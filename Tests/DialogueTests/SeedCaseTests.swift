import Dialogue
import Foundation
import Testing
import Wire

/// Every case that must be shown is shown: by a golden of its name, by a test below, or outside the engine.
@Suite struct SeedCaseTests {
  /// Cases of the daemon's settings or of its connections, which have no request or answer of the engine's alone.
  private static let elsewhere: [String: String] = [
    "T02": "headers", "T03": "headers", "T04": "headers", "T06": "names of models", "T07": "token budget",
    "T08": "token budget", "T09": "token budget", "T10": "token budget", "T11": "token budget",
    "T12": "token budget", "T13": "token budget", "T14": "token budget", "T15": "token budget",
    "T16": "token budget", "T17": "token budget", "T28": "void: nobody fetches images", "T40": "connections",
    "T54": "names of models", "T108": "connections", "T111": "connections", "T112": "connections",
  ]

  private static let here: [String: @Sendable () throws -> Void] = [
    "T01": Self.whatTheOperatorAdds, "T05": Self.anAlias, "T55": Self.theCeiling, "T82": Self.aCorrectedName,
    "T114": Self.anEventOfTwoMegabytes,
  ]

  @Test func noCaseIsLeftOut() throws {
    let required = String(decoding: try Golden.bytes("required.txt"), as: UTF8.self).split(separator: "\n")
    #expect(required.count == 173)
    var ran: Set<String> = []
    for golden in Golden.all {
      _ = try GoldenTests.run(golden)
      ran.insert(golden.id)
    }
    for (id, test) in Self.here {
      try test()
      ran.insert(id)
    }
    for id in required.map(String.init) where Self.elsewhere[id] == nil {
      #expect(ran.contains { $0 == id || $0.hasPrefix("\(id)-") }, "\(id) was not run")
    }
    print("seed cases: ran \(Self.here.keys.sorted().joined(separator: " "))")
    print("seed cases: elsewhere \(Self.elsewhere.keys.sorted().joined(separator: " "))")
  }

  private static func send(
    _ text: String, from client: Dialect, to profile: String, model: String? = nil,
    _ settings: TranslationSettings = TranslationSettings()
  ) throws -> (root: JSONValue, context: ReplyContext) {
    let row = try #require(ProfileTable.profile(named: profile))
    let outcome = try Translation.request(
      try JSONDocument(text), from: client, to: row, model: model, settings: settings)
    guard case .send(let body) = outcome else { throw CancellationError() }
    return (try JSONDocument(body.bytes).root, body.context)
  }

  private static let hi = #""messages":[{"role":"user","content":"hi"}]"#

  @Sendable private static func whatTheOperatorAdds() throws {
    var settings = TranslationSettings()
    settings.systemPrompt = "P"
    settings.defaultMaxTokens = 4096
    settings.userID = "user_0_account__session_1"
    let sent = try self.send(#"{"model":"m",\#(self.hi)}"#, from: .chat, to: "anthropic", settings).root
    let expected = try JSONDocument(
      #"""
      {"model":"m","max_tokens":4096,"system":[{"type":"text","text":"P"}],\#(self.hi),
      "metadata":{"user_id":"user_0_account__session_1"}}
      """#)
    #expect(Same.difference(sent, expected.root) == nil)
  }

  @Sendable private static func anAlias() throws {
    let (sent, context) = try self.send(
      #"{"model":"al",\#(self.hi)}"#, from: .chat, to: "anthropic", model: "real")
    #expect(sent["model"]?.string == "real")
    var surroundings = Surroundings.counted(now: 0)
    let answer = Array(
      #"{"id":"x","model":"real","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#
        .utf8)
    let reply = try Translation.reply(answer, context, &surroundings).answer.body
    #expect(try JSONDocument(reply).root["model"]?.string == "al")
  }

  @Sendable private static func theCeiling() throws {
    var settings = TranslationSettings()
    settings.maxTokensCeiling = 4096
    let text = #"{"model":"m","max_tokens":9999,\#(self.hi)}"#
    let sent = try self.send(text, from: .messages, to: "generic", settings).root
    #expect(sent["max_tokens"]?.integer == 4096)
  }

  @Sendable private static func aCorrectedName() throws {
    let text = #"{"model":"org/model-x","max_tokens":1,\#(self.hi)}"#
    let (sent, context) = try self.send(text, from: .messages, to: "generic", model: "Org/Model-X")
    #expect(sent["model"]?.string == "Org/Model-X")
    #expect(context.model == "org/model-x")
  }

  /// Delivered whole, however it is cut; one above the limit is an error and not a shorter text.
  @Sendable private static func anEventOfTwoMegabytes() throws {
    let text = String(repeating: "wörd ", count: (2 << 20) / 6)
    let event = #"data: {"choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":"stop"}]}"#
    let bytes = Array((event + "\n\ndata: [DONE]\n\n").utf8)
    let profile = try #require(ProfileTable.profile(named: "openai"))
    var translator = StreamTranslator(
      ReplyContext(client: .messages, profile: profile, model: "m"), .counted(now: 0))
    for start in stride(from: 0, to: bytes.count, by: 65_521) {
      translator.feed(bytes.span.extracting(start..<min(start + 65_521, bytes.count)))
    }
    translator.finish()
    var output: [UInt8] = []
    translator.drain(into: &output)
    let deltas = try Frame.all(in: output).compactMap {
      try JSONDocument($0.data).root["delta"]?["text"]?.string
    }
    #expect(deltas.joined() == text)
    #expect(OrderChecker.fault(in: output, of: .messages) == nil)
  }
}
