import Foundation
import Testing
import Wire

@testable import Tokens

@Suite struct RequestCountingTests {
  private let tables: Vocabularies
  private static let model = "claude-sonnet-4-5"

  init() throws {
    self.tables = try Tables.all()
  }

  private func tokens(_ json: String, model: String = Self.model, _ rules: CountingRules = .init()) throws
    -> Int
  {
    let document = try JSONDocument(json)
    let counter = TokenCounter(self.tables, rules)
    let whole = counter.tokens(document, model: model)
    var counting = counter.count(document, model: model)
    var sliced: Int?
    for _ in 0..<1_000_000 where sliced == nil { sliced = counting.advance(20) }
    #expect(sliced == whole)
    return whole
  }

  private func characters(_ json: String, _ rules: CountingRules = .init()) throws -> Int {
    TokenCounter(Vocabularies(), rules).tokens(try JSONDocument(json), model: Self.model)
  }

  private func message(_ blocks: String) -> String {
    #"{"messages":[{"role":"user","content":[\#(blocks)]}]}"#
  }

  @Test("a message is its text, four tokens of framing, and three for the reply's role")
  func message() throws {
    #expect(try self.tokens(#"{"messages":[{"role":"user","content":"hello world"}]}"#) == 2 + 4 + 3)
    #expect(try self.tokens(#"{"system":"hello world","messages":[]}"#) == 2 + 4 + 3)
    #expect(try self.tokens(#"{"messages":[]}"#) == 3)
    #expect(
      try self.tokens(#"{"messages":[{"role":"user","content":"hello w\u006Frld"}]}"#) == 9, "an escape")
  }

  @Test(
    "nothing of a block is left out",
    arguments: [
      (#"{"type":"text","text":"hello world"}"#, 2),
      (#"{"type":"tool_use","id":"t","name":"hello","input":{"a": "hello world"}}"#, 3 + 1 + 6),
      (#"{"type":"tool_result","tool_use_id":"t","content":"hello world"}"#, 3 + 2),
      (#"{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"hello world"}]}"#, 3 + 2),
      (#"{"type":"document","title":"hello","source":{"type":"text","data":"hello world"}}"#, 1 + 2),
      (
        #"{"type":"document","source":{"type":"content","content":[{"type":"text","text":"hello world"}]}}"#,
        2
      ),
      (
        #"{"type":"search_result","title":"hello","source":"hello","content":[{"type":"text","text":"hello"}]}"#,
        3
      ),
      (#"{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}"#, 256),
      (#"{"type":"image","source":{"type":"base64","data":"R0lGODlhQAHwAAAAAAAA"}}"#, 103),
      (#"{"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lGODlhQAHwAAAAAAAA"}}"#, 103),
      (#"{"type":"document","source":{"type":"base64","data":"JVBERi0xLjc="}}"#, 2250),
      (#"{"type":"document","source":{"type":"file","file_id":"f"}}"#, 256),
      (#"{"type":"file","file":{"filename":"hello","file_id":"f"}}"#, 1 + 256),
      (#""hello world""#, 2),
    ])
  func blocks(block: String, tokens: Int) throws {
    #expect(try self.tokens(self.message(block)) == tokens + 4 + 3)
  }

  @Test("an unknown block counts as it stands")
  func unknown() throws {
    #expect(try self.tokens(self.message(#"{"type":"new","thing":"hello world"}"#)) > 4 + 3 + 4)
  }

  @Test("tools are their names, descriptions and schemas, with what their vendor adds")
  func tools() throws {
    let bare = try self.tokens(#"{"messages":[]}"#)
    let tool = #"{"name":"hello","description":"hello world","input_schema":{"type":"object"}}"#
    let schema = 5
    #expect(try self.tokens(#"{"messages":[],"tools":[\#(tool)]}"#) == bare + 346 + 7 + 1 + 2 + schema)
    let function = #"{"type":"function","function":{"name":"hello","parameters":{ "type" : "object" }}}"#
    #expect(
      try self.tokens(#"{"messages":[],"tools":[\#(function)]}"#, model: "x") == bare + 12 + 7 + 1 + schema)
    #expect(try self.tokens(#"{"messages":[],"tools":[]}"#) == bare)
    #expect(
      try self.tokens(#"{"messages":[],"tools":[{"type":"bash_20250124","name":"bash"}]}"#) > bare + 353)
  }

  @Test("calls of chat clients count their names and arguments")
  func calls() throws {
    let call = #"{"id":"c","type":"function","function":{"name":"hello","arguments":"{\"a\":1}"}}"#
    let message = #"{"role":"assistant","content":null,"tool_calls":[\#(call)]}"#
    #expect(try self.tokens(#"{"messages":[\#(message)]}"#) == 3 + 4 + 3 + 1 + 5)
  }

  @Test("reasoning counts while its turn lasts")
  func reasoning() throws {
    let thinking =
      #"{"role":"assistant","content":[{"type":"thinking","thinking":"hello world","signature":"s"}]}"#
    let result = #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"hello"}]}"#
    let user = #"{"role":"user","content":"hello"}"#
    #expect(
      try self.tokens(#"{"messages":[\#(user),\#(thinking),\#(result)]}"#) == 3 + 5 + (4 + 2) + (4 + 3 + 1))
    #expect(try self.tokens(#"{"messages":[\#(user),\#(thinking),\#(user)]}"#) == 3 + 5 + 4 + 5)
  }

  @Test("pages of a PDF file are counted by their objects")
  func pages() throws {
    let file = "%PDF /Type /Pages /Kids[] /Type /Page /X /Type/Page>> /Type\n/Page\n"
    let data = Data(file.utf8).base64EncodedString().replacingOccurrences(of: "/", with: "\\/")
    let block = #"{"type":"document","source":{"type":"base64","data":"\#(data)"}}"#
    #expect(try self.tokens(self.message(block)) == 3 * 2250 + 4 + 3)
  }

  @Test("characters over their number per token are what the older proxies counted")
  func characters() throws {
    #expect(try self.characters(#"{"messages":[{"role":"user","content":"abcdefgh"}]}"#) == 2)
    #expect(try self.characters(#"{"messages":[]}"#) == 1)
    let blocks =
      #"{"type":"text","text":"héllo wö"},{"type":"image","source":{}},"#
      + #"{"type":"tool_result","content":"12345678"}"#
    let request = #"{"system":"1234","messages":[{"role":"user","content":[\#(blocks)]}]}"#
    #expect(try self.characters(request) == 3 + 256 + 2)
    let images = Array(repeating: #"{"type":"image","source":{}}"#, count: 4).joined(separator: ",")
    #expect(try self.characters(self.message(images), CountingRules(charactersPerToken: 3.5)) == 1024)
    #expect(try self.characters(self.message(images), CountingRules(charactersPerToken: 0.5)) == 1024)
    #expect(try self.characters(self.message(images), CountingRules(charactersPerToken: -1)) == 1024)
  }

  @Test(
    "a JSON value counts without blanks and with its characters as themselves",
    arguments: [
      (#"{ "a" : [ 1 , "b c" ] }"#, #"{"a":[1,"b c"]}"#),
      (#"{"a":"\u00e9\ud83c\udf89\n\u000a\\"}"#, #"{"a":"é🎉\n\u000a\\"}"#),
      (#""a\n\u00e9\ud83c\udf89\ud83c\"""#, "a\né🎉\u{FFFD}\""), ("[]", "[]"), (#""""#, ""),
      (
        #"{"twelve bytes":"longer than eight é\"and\\on \/"}"#,
        #"{"twelve bytes":"longer than eight é\"and\\on \/"}"#
      ),
      (
        #""longer than eight é\tand\/on \r\b\f and on to the end""#,
        "longer than eight é\tand/on \r\u{8}\u{c} and on to the end"
      ),
    ])
  func flow(json: String, text: String) throws {
    let document = try JSONDocument(json)
    for slice in [1, 3, 1000] {
      var flow = JSONFlow(document.root)
      var output: [UInt8] = []
      for _ in 0..<1000 {
        var budget = slice
        if flow.advance(document.bytes.span, to: &output, budget: &budget) { break }
      }
      #expect(String(decoding: output, as: UTF8.self) == text)
    }
  }

  @Test("a text is what its string stands for, in slices of any length")
  func textFlow() throws {
    let parts = [
      "a", "seven b", "é", "中", "🎉", #"\n"#, #"\""#, #"\\"#, #"\/"#, #"\u00e9"#, #"\u0041"#, #"\ud83c\udf89"#,
      #"\ud83c"#, #"\udf89"#, #"\t"#, #"\b\f\r"#, "twelve bytes ",
    ]
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let count = Int.random(in: 0...20, using: &generator)
      let text = (0..<count).map { _ in parts[Int.random(in: 0..<parts.count, using: &generator)] }.joined()
      let document = try JSONDocument("\"\(text)\"")
      var wanted: [UInt8] = []
      document.root.appendText(to: &wanted)
      var flow = JSONFlow(document.root)
      var output: [UInt8] = []
      for _ in 0..<1000 {
        var budget = Int.random(in: 1...40, using: &generator)
        if flow.advance(document.bytes.span, to: &output, budget: &budget) { break }
      }
      if output != wanted { Issue.record("\(text): \(output), not \(wanted)") }
    }
  }

  @Test(
    "any JSON counts as something",
    arguments: ["null", "3", "[]", #"{"messages":{}}"#, #"{"messages":[1,null,"x",[]]}"#])
  func strange(json: String) throws {
    #expect(try self.tokens(json) >= 1)
  }
}
