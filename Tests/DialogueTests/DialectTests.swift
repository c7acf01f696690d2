import Dialogue
import Testing
import Wire

/// What single capabilities of a profile do to a request or an answer (matrix G1).
@Suite struct DialectTests {
  private func profile(_ name: String, _ flags: String = "{}") throws -> Profile {
    try #require(ProfileTable.profile(named: name)).overridden(by: try JSONDocument(flags).root)
  }

  private func send(_ text: String, from client: Dialect, to profile: Profile) throws -> Translation.Body {
    guard case .send(let body) = try Translation.request(try JSONDocument(text), from: client, to: profile)
    else { throw CancellationError() }
    return body
  }

  private func expect(_ body: Translation.Body, _ member: String, _ expected: String) throws {
    let value = try JSONDocument(body.bytes).root.member(named: member)
    let other = try JSONDocument(expected)
    let difference = value.flatMap { Same.difference($0, other.root) }
    #expect(value != nil && difference == nil, "\(difference ?? "not there")")
  }

  private func losses(_ body: Translation.Body) -> [String] {
    body.losses.inOrder.map { "\($0.path) \($0.action.rawValue)" }
  }

  @Test func messagesOfOneRoleInARowBecomeOne() throws {
    let text = #"""
      {"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"user","content":[{"type":"text",
      "text":"b"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},
      {"role":"user","content":"c"},{"role":"assistant","content":"d"},{"role":"assistant","content":"e"},
      {"role":"user","content":"f"}]}
      """#
    let body = try self.send(
      text, from: .messages, to: try self.profile("generic", #"{"alternate_roles":true}"#))
    try self.expect(
      body, "messages",
      #"""
      [{"role":"user","content":[{"type":"text","text":"a\n\nb"},{"type":"image_url","image_url":{"url":
      "data:image/png;base64,AA=="}},{"type":"text","text":"c"}]},{"role":"assistant","content":"d\n\ne"},
      {"role":"user","content":"f"}]
      """#)
    let alone = try self.send(text, from: .messages, to: try self.profile("generic"))
    #expect(try JSONDocument(alone.bytes).root["messages"]?.elements.count(where: { _ in true }) == 6)
  }

  @Test func instructionsStandInFrontOfTheUsersWords() throws {
    let text = #"""
      {"model":"m","max_tokens":5,"system":[{"type":"text","text":"S1"},{"type":"text","text":"S2"}],"messages":[
      {"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},
      {"role":"system","content":"late"}]}
      """#
    let merged = try self.send(
      text, from: .messages,
      to: try self.profile("generic", #"{"system_role":"merge","alternate_roles":true}"#))
    try self.expect(
      merged, "messages",
      #"""
      [{"role":"user","content":"S1\n\nS2\n\na"},{"role":"assistant","content":"b"},
      {"role":"user","content":"c\n\nlate"}]
      """#)
    #expect(self.losses(merged) == ["system[0] changed", "system[1] changed", "messages[3] changed"])
    let developer = try self.send(
      text, from: .messages, to: try self.profile("openai", #"{"system_role":"developer"}"#))
    let first = try JSONDocument(developer.bytes).root["messages"]?.elements.first { _ in true }
    #expect(first?["role"]?.string == "developer")
  }

  @Test(arguments: ["ollama", "gemini"])
  func anImageBehindAURLIsRefusedWhereNobodyCanFetchIt(_ name: String) throws {
    let text = #"""
      {"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":"x"},
      {"type":"image","source":{"type":"url","url":"https://e.x/a.png"}}]}]}
      """#
    let refusal = #expect(throws: Refusal.self) {
      try self.send(text, from: .messages, to: try self.profile(name))
    }
    #expect(refusal?.param == "messages[0].content[1]")
    let told = try self.send(text, from: .messages, to: try self.profile(name, #"{"image_url":"remote"}"#))
    #expect(String(decoding: told.bytes, as: UTF8.self).contains("https://e.x/a.png"))
  }

  @Test func aTypeOfImageTheServerDoesNotReadIsRefused() throws {
    func text(_ type: String) -> String {
      #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"\#(type)","data":"AA=="}}]}]}"#
    }
    let ollama = try self.profile("ollama")
    #expect(throws: Refusal.self) { try self.send(text("image/gif"), from: .messages, to: ollama) }
    _ = try self.send(text("image/webp"), from: .messages, to: ollama)
  }

  // MARK: Same protocol

  private static let chat = #"""
    {"model":"m","max_tokens":7,"seed":3,"user":"u","temperature":0.2,"logit_bias":{"1":2},"tool_choice":"required",
    "provider":{"order":["a"]},"parallel_tool_calls":false,"messages":[{"role":"developer","content":[{"type":"text",
    "text":"S"}]},{"role":"user","content":"q","name":"n"},{"role":"assistant","content":null,
    "reasoning_content":"t","tool_calls":[{"id":"call_abc_1","type":"function","function":{"name":"f",
    "arguments":"{\"a\": 1}"}}]},{"role":"tool","tool_call_id":"call_abc_1","content":"r"}],
    "tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object",
    "properties":{}}}}]}
    """#

  /// Bytes go out as they came where no dialect is known.
  @Test(arguments: ["openai", "generic", "azure"])
  func whereNothingIsNormalisedNothingChanges(_ name: String) throws {
    let body = try self.send(Self.chat, from: .chat, to: try self.profile(name))
    #expect(body.bytes == Array(Self.chat.utf8))
  }

  @Test func aVendorGetsItsOwnSpelling() throws {
    let body = try self.send(Self.chat, from: .chat, to: try self.profile("mistral"))
    let id = "call_abc_1"
    let root = try JSONDocument(body.bytes).root
    let sent = root["messages"]?.elements.map(\.self) ?? []
    let call = sent[2]["tool_calls"]?.elements.first { _ in true }
    #expect(call?["id"]?.string?.count == 9 && call?["id"]?.string != id)
    #expect(sent[3]["tool_call_id"]?.string == call?["id"]?.string)
    #expect(call?["function"]?["arguments"]?.string == #"{"a": 1}"#)
    #expect(sent[0]["role"]?.string == "system" && sent[0]["content"]?.string == "S")
    #expect(sent[1]["name"] == nil && sent[2]["reasoning_content"] == nil)
    #expect(sent[3]["name"]?.string == "f")
    #expect(root["max_tokens"]?.integer == 7)
    #expect(root["random_seed"]?.integer == 3 && root["seed"] == nil)
    #expect(root["user"] == nil && root["logit_bias"] == nil)
    #expect(root["provider"] != nil)
    #expect(root["tool_choice"]?.string == "any")
    #expect(root["parallel_tool_calls"]?.bool == false)
    let paths = self.losses(body)
    #expect(
      paths.contains("user dropped") && paths.contains("logit_bias dropped") && paths.contains("seed changed")
    )
  }

  @Test func thoughtsGoBackToTheVendorTheyCameFrom() throws {
    let deepseek = try self.send(Self.chat, from: .chat, to: try self.profile("deepseek"))
    let thought = try JSONDocument(deepseek.bytes).root["messages"]?.elements.dropFirst(2).first { _ in true }
    #expect(thought?["reasoning_content"]?.string == "t")
    let details = #"[{"type":"reasoning.encrypted","data":"x","index":0}]"#
    let text = #"""
      {"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","reasoning":"t",
      "reasoning_details":\#(details)},{"role":"user","content":"q"}]}
      """#
    let sent = try self.send(text, from: .chat, to: try self.profile("openrouter"))
    let message = try JSONDocument(sent.bytes).root["messages"]?.elements.dropFirst().first { _ in true }
    #expect(message?["reasoning"]?.string == "t")
    #expect(message?["reasoning_details"]?.rawText == details)
  }

  /// What is not known here may be the vendor's own: nothing of it is lost.
  @Test(arguments: [
    #"{"model":"m","messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"x"}}]}]}"#,
    #"{"model":"m","tools":[{"type":"builtin_function","function":{"name":"$web_search"}},{"type":"web"}],"messages":[{"role":"user","content":"x"}]}"#,
    #"{"messages":[{"role":"user","content":"x"}]}"#, #"{"model":"m","messages":"x"}"#,
  ])
  func aRequestOfTheVendorsOwnGoesOutAsItCame(_ text: String) throws {
    let body = try self.send(text, from: .chat, to: try self.profile("kimi"))
    #expect(body.bytes == Array(text.utf8))
  }

  @Test func aFreeFormToolIsAFunctionWhereThereAreNone() throws {
    let text = #"""
      {"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[
      {"id":"c1","type":"custom","custom":{"name":"run","input":"ls \"a\""}}]},{"role":"tool","tool_call_id":"c1",
      "content":"r"}],"tools":[{"type":"custom","custom":{"name":"run","description":"D"}}]}
      """#
    let body = try self.send(text, from: .chat, to: try self.profile("groq"))
    let root = try JSONDocument(body.bytes).root
    let function = root["tools"]?.elements.first { _ in true }?["function"]
    #expect(function?["description"]?.string == "D\n\nPut the raw text in `input`.")
    let call = root["messages"]?.elements.dropFirst().first { _ in true }?["tool_calls"]?.elements.first {
      _ in true
    }
    #expect(call?["function"]?["arguments"]?.string == #"{"input":"ls \"a\""}"#)
    var surroundings = Surroundings.counted(now: 0)
    let answer = #"""
      {"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c2","type":"function",
      "function":{"name":"run","arguments":"{\"input\":\"pwd\"}"}}]},"finish_reason":"tool_calls"}]}
      """#
    let reply = try Translation.reply(Array(answer.utf8), body.context, &surroundings).answer.body
    let message = try JSONDocument(reply).root["choices"]?.elements.first { _ in true }?["message"]
    let made = message?["tool_calls"]?.elements.first { _ in true }
    #expect(made?["type"]?.string == "custom" && made?["custom"]?["input"]?.string == "pwd")
    let capable = try self.send(text, from: .chat, to: try self.profile("groq", #"{"custom_tools":true}"#))
    let kept = try JSONDocument(capable.bytes).root["tools"]?.elements.first { _ in true }
    #expect(kept?["custom"]?["description"]?.string == "D")
  }

  @Test func normalisedAnswersKeepTheVendorsDetailsAndLikelihoods() throws {
    let context = ReplyContext(client: .chat, profile: try self.profile("openrouter"), model: "m")
    var surroundings = Surroundings.counted(now: 0)
    let details = #"[{"type":"reasoning.text","text":"t","signature":"s","index":0}]"#
    let likely = #"{"content":[{"token":"a","logprob":-0.5,"bytes":null,"top_logprobs":[]}],"refusal":null}"#
    let answer = #"""
      {"choices":[{"index":0,"message":{"role":"assistant","content":"a","reasoning":"t","reasoning_details":
      \#(details)},"logprobs":\#(likely),"finish_reason":"stop"}]}
      """#
    let reply = try Translation.reply(Array(answer.utf8), context, &surroundings).answer.body
    let choice = try JSONDocument(reply).root["choices"]?.elements.first { _ in true }
    #expect(choice?["logprobs"]?.rawText == likely)
    #expect(choice?["message"]?["reasoning_details"]?.rawText == details)
    let stream = #"""
      data: {"choices":[{"index":0,"delta":{"reasoning":"t","reasoning_details":\#(details)}}]}

      data: {"choices":[{"index":0,"delta":{"content":"a"},"logprobs":\#(likely)}]}

      data: {"choices":[{"index":0,"delta":{"content":"b"},"logprobs":null,"finish_reason":"stop"}]}

      data: [DONE]


      """#
    let output = try GoldenTests.stream([Array(stream.utf8)[...]], context).0
    let chunks = try Frame.all(in: output).filter { $0.data != "[DONE]" }.map {
      try JSONDocument($0.data).root
    }
    let choices = chunks.compactMap { $0["choices"]?.elements.first { _ in true } }
    #expect(choices.compactMap { $0["delta"]?["reasoning_details"]?.rawText } == [details])
    #expect(
      choices.filter { $0["logprobs"]?.isNull == false }.map { $0["delta"]?["content"]?.string } == ["a"])
    #expect(OrderChecker.fault(in: output, of: .chat) == nil)
  }

  // MARK: Relays

  /// Comments, ids, unknown frames and line ends stay; only the name is another.
  @Test func aRenamingRelayChangesTheNameOnly() throws {
    var context = ReplyContext(client: .chat, profile: try self.profile("openai"), model: "mine")
    context.renamesModel = true
    let stream =
      ": hello\r\n\r\nid: 7\r\nretry: 5\r\ndata: {\"model\": \"theirs\", \"x\":1}\r\n\r\n"
      + "event: odd\ndata: {\"a\":\ndata:  1,\"model\":\"theirs\"}\n\ndata: no JSON\n\n: ping\n\ndata: [DONE]\n\n"
      + "data: {\"model\":\"theirs\"}"
    let expected = stream.replacing("\"theirs\"", with: "\"mine\"")
    let bytes = Array(stream.utf8)
    for cut in 0...bytes.count {
      let output = try GoldenTests.stream([bytes[..<cut], bytes[cut...]], context).0
      #expect(String(decoding: output, as: UTF8.self) == expected, "cut at \(cut)")
    }
    let single = try GoldenTests.stream(bytes.indices.map { bytes[$0...$0] }, context).0
    #expect(String(decoding: single, as: UTF8.self) == expected)
  }

  @Test func whatWaitsBehindACallIsBounded() throws {
    let profile = try self.profile("openai")
    var translator = StreamTranslator(
      ReplyContext(client: .messages, profile: profile, model: "m"), .counted(now: 0), maxBytes: 1000)
    let call =
      #"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{"}}]}}]}"#
      + "\n\n"
    let text = #"data: {"choices":[{"index":0,"delta":{"content":"0123456789"}}]}"# + "\n\n"
    translator.feed(Array(call.utf8).span)
    for _ in 0..<200 { translator.feed(Array(text.utf8).span) }
    var output: [UInt8] = []
    translator.drain(into: &output)
    if case .ended = translator.phase {} else { Issue.record("it goes on") }
    #expect(String(decoding: output, as: UTF8.self).contains("event: error"))
    #expect(OrderChecker.fault(in: output, of: .messages) == nil)
  }

  @Test func skippedEventsAreReported() throws {
    var translator = StreamTranslator(
      ReplyContext(client: .messages, profile: try self.profile("openai"), model: "m"), .counted(now: 0))
    let stream = "data: {no\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n"
    translator.feed(Array(stream.utf8).span)
    #expect(translator.losses.inOrder.map(\.word) == ["1_events"])
  }
}
