import Dialogue
import Testing
import Wire

/// Streams no server should send, and what must not come of them.
@Suite struct StreamTests {
  private func translate(
    _ stream: String, to client: Dialect, _ profile: String = "generic", stops: [String] = []
  ) throws -> (String, StreamTranslator) {
    let row = try #require(ProfileTable.profile(named: profile))
    var context = ReplyContext(client: client, profile: row, model: "m")
    context.emulatedStops = stops
    var translator = StreamTranslator(context, .counted(now: 1_800_000_000))
    let bytes = Array(stream.utf8)
    translator.feed(bytes.span)
    translator.finish()
    var output: [UInt8] = []
    translator.drain(into: &output)
    return (String(decoding: output, as: UTF8.self), translator)
  }

  private func failure(_ translator: StreamTranslator) -> Failure? {
    if case .failed(let failure) = translator.phase { failure } else { nil }
  }

  @Test(arguments: [
    "", "<html>", "data: [DONE]\n\n", "data: {not json\n\n", ": only a comment\n\n",
    "data: {\"choices\":[]}\n\n", "[]",
    "{\"choices\":[]}",
  ])
  func withoutAnAnswerTheClientGetsATrueStatus(_ stream: String) throws {
    let (output, translator) = try self.translate(stream, to: .messages)
    #expect(output.isEmpty)
    #expect(self.failure(translator)?.status == 502)
  }

  @Test func aStopWithoutAStartIsNoAnswer() throws {
    let stream = """
      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"refusal"}}

      event: message_stop
      data: {"type":"message_stop"}


      """
    let (output, translator) = try self.translate(stream, to: .chat, "anthropic")
    #expect(output.isEmpty)
    #expect(self.failure(translator)?.status == 502)
  }

  @Test func aPingBeforeAnErrorLeavesTheStatusFree() throws {
    let stream = """
      event: ping
      data: {"type":"ping"}

      event: error
      data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}


      """
    let (output, translator) = try self.translate(stream, to: .chat, "anthropic")
    #expect(output.isEmpty)
    #expect(self.failure(translator)?.kind == .overloaded)
  }

  @Test func nothingFollowsTheEnd() throws {
    let end =
      #"data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#
      + "\n\ndata: [DONE]\n\n"
    let (once, _) = try self.translate(end, to: .messages)
    let (twice, translator) = try self.translate(end + end, to: .messages)
    #expect(once == twice)
    if case .ended = translator.phase {} else { Issue.record("the stream is not over") }
  }

  @Test func aFilteredPromptIsARefusalInTheClientsProtocol() throws {
    let stream =
      #"data: {"error":{"message":"filtered","code":"content_filter","innererror":{},"status":400}}"# + "\n\n"
    let (output, translator) = try self.translate(stream, to: .messages, "azure")
    if let failure = self.failure(translator) {
      #expect(failure.kind != .filtered)
    } else {
      #expect(output.contains(#""stop_reason":"refusal""#))
    }
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7, 8])
  func aStopSequenceIsFoundHoweverItIsCut(_ cut: Int) throws {
    let text = Array("abSTOPcdSTOP")
    let pieces = [
      String(text[..<min(cut, 12)]), String(text[min(cut, 12)..<min(cut + 3, 12)]),
      String(text[min(cut + 3, 12)...]),
    ]
    let stream =
      pieces.map { #"data: {"choices":[{"index":0,"delta":{"content":"\#($0)"}}]}"# + "\n\n" }.joined()
      + "data: [DONE]\n\n"
    let (output, _) = try self.translate(stream, to: .messages, "openai-reasoning", stops: ["STOP"])
    let written = try Frame.all(in: Array(output.utf8)).compactMap {
      try JSONDocument($0.data).root["delta"]?["text"]?.string
    }
    #expect(written.joined() == "ab")
    #expect(output.contains(#""stop_sequence":"STOP""#))
    #expect(OrderChecker.fault(in: Array(output.utf8), of: .messages) == nil)
  }

  @Test func aRelayedStreamCarriesTheClientsModel() throws {
    let request = try JSONDocument(
      #"{"model":"alias","stream":true,"messages":[{"role":"user","content":"x"}]}"#)
    let profile = try #require(ProfileTable.profile(named: "openai"))
    guard case .send(let body) = try Translation.request(request, from: .chat, to: profile, model: "real")
    else {
      Issue.record("not sent")
      return
    }
    #expect(String(decoding: body.bytes, as: UTF8.self).hasPrefix(#"{"model":"real","#))
    let stream = "data: {\"id\":\"1\", \"model\":\"real\",\"x\":[1]}\n\ndata: [DONE]\n\n"
    for size in 1...stream.utf8.count {
      var translator = StreamTranslator(body.context, .counted(now: 0))
      var rest = Array(stream.utf8)[...]
      while !rest.isEmpty {
        let piece = rest.prefix(size)
        translator.feed(piece.span)
        rest = rest.dropFirst(size)
      }
      translator.finish()
      var output: [UInt8] = []
      translator.drain(into: &output)
      #expect(String(decoding: output, as: UTF8.self) == stream.replacing("\"real\"", with: "\"alias\""))
    }
    var surroundings = Surroundings.counted(now: 0)
    let reply = try Translation.reply(
      Array(#"{"model":"real","object":"chat.completion"}"#.utf8), body.context, &surroundings)
    #expect(
      String(decoding: reply.answer.body, as: UTF8.self) == #"{"model":"alias","object":"chat.completion"}"#)
  }

  @Test func anUnnamedRelayIsByteForByte() throws {
    let stream = ": hello\r\nid: 1\r\ndata: {\"model\":\"real\"}\r\n\r\n"
    let (output, _) = try self.translate(stream, to: .chat, "openai")
    #expect(output == stream)
  }

  @Test func halfPairsAreJoinedAcrossFragmentsOfArguments() throws {
    let stream =
      #"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\"\ud83d"}}]}}]}"#
      + "\n\n"
      + #"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\ude00\"}"}}]},"finish_reason":"stop"}]}"#
      + "\n\ndata: [DONE]\n\n"
    let (output, _) = try self.translate(stream, to: .messages)
    let json = try Frame.all(in: Array(output.utf8)).compactMap {
      try JSONDocument($0.data).root["delta"]?["partial_json"]?.string
    }
    #expect(json.joined() == #"{"x":"😀"}"#)
  }
}
