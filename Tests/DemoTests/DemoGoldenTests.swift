import Foundation
import Testing

@testable import Demo

/// A request, by name, whose whole reply is kept in a file; `UPDATE_GOLDENS=1` rewrites it.
struct DemoGolden: CustomTestStringConvertible, Sendable {
  let name: String
  let ask: Ask

  var testDescription: String { self.name }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens")

  static func expected(_ name: String, or seen: String) throws -> String {
    let file = Self.folder.appending(path: "\(name).txt")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" { try Data(seen.utf8).write(to: file) }
    return String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }

  static var files: Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: Self.folder.path())) ?? [])
  }

  /// Asked in both protocols.
  private static let wishes: [(name: String, text: String, isStreamed: Bool)] = [
    ("plain", "Good morning", true), ("plain-document", "Good morning", false),
    ("quotes", #"say \"ä\" \\ \n now"#, true), ("empty", "", true),
    ("think", "[think] [pause 0] why", true), ("think-document", "[think] why", false),
    ("tool", "[tool] [pause 0]", true), ("tool-document", "[tool]", false),
    ("think-tool", "[think] [tool] [pause 0]", true),
    ("fail-400", "[fail 400]", true), ("fail-401", "[fail 401]", true), ("fail-404", "[fail 404]", true),
    ("fail-429", "[fail 429]", true), ("fail-429-30", "[fail 429 30]", false),
    ("fail-500", "[fail 500]", true),
    ("fail-529", "[fail 529]", false), ("fail-midstream", "[fail midstream] [pause 0]", true),
    ("fail-midstream-document", "[fail midstream]", false), ("stall", "[stall]", true),
    ("stall-midstream", "[stall midstream] [pause 0]", true),
    ("stall-midstream-document", "[stall midstream]", false), ("break", "[break] [pause 0]", true),
    ("break-document", "[break]", false), ("break-early", "[break early]", true),
    ("wait", "[wait 3000] [pause 0]", true),
    ("pause-50", "[pause 50]", true), ("events-3", "[events 3]", true), ("size-1500", "[size 1500]", true),
    ("size-40-document", "[size 40]", false),
  ]

  private static let messagesTool =
    #","tools":[{"name":"book_flight","input_schema":{"type":"object","properties":{"from":{"type":"string"},"class":{"enum":["economy","first"]},"seats":{"type":"integer","minimum":2},"window":{"type":"boolean"},"stops":{"type":"array","items":{"type":"object","properties":{"city":{"type":["string","null"]}},"required":["city"]}},"note":{"anyOf":[{"type":"null"},{"type":"string"}]},"left":{"type":"number"}},"required":["from","class","seats","window","stops","note","unknown"]}}]"#

  private static let chatTool =
    #","tools":[{"type":"custom"},{"type":"function","function":{"name":"look_up","parameters":{"type":"object","properties":{"word":{"default":"swift"},"deep":{"const":{"a":[1, 2]}}},"required":["word","deep"]}}}]"#

  static let all: [DemoGolden] =
    Self.wishes.flatMap { wish in
      [
        DemoGolden(name: "messages-\(wish.name)", ask: .messages(wish.text, stream: wish.isStreamed)),
        DemoGolden(name: "chat-\(wish.name)", ask: .chat(wish.text, stream: wish.isStreamed)),
      ]
    } + [
      DemoGolden(name: "messages-tool-offered", ask: .messages("[tool] [pause 0]", more: Self.messagesTool)),
      DemoGolden(name: "chat-tool-offered", ask: .chat("[tool] [pause 0]", more: Self.chatTool)),
      DemoGolden(
        name: "chat-usage", ask: .chat("[events 1]", more: #","stream_options":{"include_usage":true}"#)),
      DemoGolden(
        name: "chat-token-limit", ask: .chat("hi", stream: false, more: #","max_completion_tokens":3"#)),
    ] + Self.bodies.map { DemoGolden(name: $0, ask: Ask(path: $1, body: $2)) }
    + Self.places.map { DemoGolden(name: $0, ask: Ask(method: $1, path: $2, body: "")) }

  private static let bodies: [(String, String, String)] = [
    (
      "messages-tool-result", "/v1/messages",
      #"{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"[tool]"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_demo_1","name":"get_weather","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_demo_1","content":[{"type":"text","text":"18 degrees"}]},{"type":"text","text":"[tool] [think]"}]}]}"#
    ),
    (
      "chat-tool-result", "/v1/chat/completions",
      #"{"model":"m","messages":[{"role":"user","content":"[tool] [think]"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_demo_1","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_demo_1","content":"18 degrees"}]}"#
    ),
    (
      "messages-text-blocks", "/v1/messages",
      #"{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"first"},{"role":"assistant","content":"x"},{"role":"user","content":[{"type":"text","text":"one"},{"type":"image"},{"type":"text","text":"two"}]}]}"#
    ),
    (
      "messages-token-limit", "/v1/messages",
      #"{"model":"m","max_tokens":3,"messages":[{"role":"user","content":"hi"}]}"#
    ),
    ("messages-no-model", "/v1/messages", #"{"max_tokens":1,"messages":[{"role":"user","content":"x"}]}"#),
    ("messages-no-messages", "/v1/messages", #"{"model":"m","max_tokens":1}"#),
    ("messages-no-list", "/v1/messages", #"{"model":"m","max_tokens":1,"messages":"x"}"#),
    ("messages-empty-list", "/v1/messages", #"{"model":"m","max_tokens":1,"messages":[]}"#),
    ("messages-no-role", "/v1/messages", #"{"model":"m","max_tokens":1,"messages":[{"content":"x"}]}"#),
    ("messages-no-max-tokens", "/v1/messages", #"{"model":"m","messages":[{"role":"user","content":"x"}]}"#),
    (
      "messages-max-tokens-0", "/v1/messages",
      #"{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"x"}]}"#
    ),
    ("messages-no-json", "/v1/messages", #"{"model":"#),
    ("messages-no-object", "/v1/messages", "[]"),
    (
      "messages-count", "/v1/messages/count_tokens",
      #"{"model":"m","messages":[{"role":"user","content":"x"}]}"#
    ),
    ("chat-no-model", "/v1/chat/completions", #"{"messages":[{"role":"user","content":"x"}]}"#),
    ("chat-no-messages", "/v1/chat/completions", #"{"model":"m"}"#),
    ("chat-no-list", "/v1/chat/completions", #"{"model":"m","messages":{}}"#),
    ("chat-empty-list", "/v1/chat/completions", #"{"model":"m","messages":[]}"#),
    ("chat-no-json", "/v1/chat/completions", ""),
  ]

  private static let places: [(String, String, String)] = [
    ("models", "GET", "/v1/models"), ("model", "GET", "/v1/models/demo-small"),
    ("model-unknown", "GET", "/v1/models/other"), ("models-wrong-method", "POST", "/v1/models"),
    ("messages-wrong-method", "GET", "/v1/messages"), ("chat-wrong-method", "DELETE", "/v1/chat/completions"),
    ("unknown-path", "POST", "/v1/completions"), ("unknown-messages-path", "POST", "/v1/messages/batches"),
  ]
}

@Suite struct DemoGoldenTests {
  @Test(arguments: DemoGolden.all) func theReplyIsTheOneKept(_ golden: DemoGolden) throws {
    let ask = golden.ask
    let reply = ask.reply()
    let played = Played(reply)
    let seen = "\(ask.method) \(ask.path)\n\(ask.body)\n\n\(played.transcript)"
    #expect(try seen == DemoGolden.expected(golden.name, or: seen))
    if let length = reply.length, played.end == nil { #expect(length == played.text.utf8.count) }
    if reply.length == nil, !played.text.isEmpty { _ = try OrderChecker.check(played.text, ask.path) }
  }

  @Test func noFileIsLeftOver() {
    #expect(DemoGolden.files == Set(DemoGolden.all.map { "\($0.name).txt" }))
    #expect(Set(DemoGolden.all.map(\.name)).count == DemoGolden.all.count)
  }
}
