import Testing

@testable import Demo

@Suite struct DemoTests {
  @Test func theSameRequestGetsTheSameBytes() {
    let request = Ask.messages("[think] [tool]")
    #expect(Played(request.reply(serial: 7)) == Played(request.reply(serial: 7)))
    #expect(Played(request.reply(serial: 7)) != Played(request.reply(serial: 8)))
  }

  @Test(arguments: [Ask.messages("[events 10000]"), Ask.chat("[events 10000]")])
  func tenThousandEventsComeInOrderWithoutPauses(_ ask: Ask) throws {
    let played = Played(ask.reply())
    #expect(played.pauses.isEmpty && played.end == nil)
    let order = try OrderChecker.check(played.text, ask.path)
    #expect(order.text == (1...10_000).map { "\($0) " }.joined() && order.isComplete)
    #expect(order.deltas == 10_000)
  }

  /// Ten million events would be gigabytes; the first of them must come without the others.
  @Test func aLongStreamIsMadeWhileItIsPlayed() {
    var steps = Ask.messages("[events 10000000]").reply().steps
    var bytes = 0
    for _ in 0..<3 {
      guard case .bytes(let batch) = steps.next() else {
        Issue.record("no bytes")
        return
      }
      bytes += batch.count
      #expect(batch.count < 32 * 1024)
    }
    #expect(bytes > 16 * 1024)
  }

  @Test(arguments: [0, 1, 1023, 1024, 1025, 1_048_576], [true, false])
  func theAnswerHasTheSizeAskedFor(_ size: Int, _ isStreamed: Bool) throws {
    for ask in [
      Ask.messages("[size \(size)]", stream: isStreamed), Ask.chat("[size \(size)]", stream: isStreamed),
    ] {
      let played = Played(ask.reply())
      let text =
        isStreamed
        ? try OrderChecker.check(played.text, ask.path).text
        : try OrderChecker.documentText(played.text, ask.path)
      #expect(text.utf8.count == size)
    }
  }

  @Test(arguments: [
    "", "plain", "[think]", "[tool]", "[think] [tool]", "[events 5]", "[size 3000]", "[fail midstream]",
    "[stall midstream]",
    "[break]", "[think] [tool] [break]", "[events 0] [fail midstream]", "[size 0]",
    "[events 1] [stall midstream]",
  ])
  func everyStreamKeepsTheOrderOfItsProtocol(_ text: String) throws {
    for ask in [
      Ask.messages("\(text) [pause 0]"), Ask.chat("\(text) [pause 0]"),
      Ask.chat("\(text) [pause 0]", more: #","stream_options":{"include_usage":true}"#),
    ] {
      let played = Played(ask.reply())
      let order = try OrderChecker.check(played.text, ask.path)
      let isCut = text.contains("midstream") || text.contains("break")
      #expect(order.isComplete == !isCut)
      #expect(order.hasFailed == text.contains("fail"))
      #expect(
        (played.end == .stall) == text.contains("stall")
          && (played.end == .breakOff) == text.contains("break"))
    }
  }

  @Test func halfOfAnAnswerIsHalf() throws {
    let whole = try OrderChecker.check(Played(Ask.messages("[events 10]").reply()).text, "/v1/messages")
    let half = try OrderChecker.check(
      Played(Ask.messages("[events 10] [break]").reply()).text, "/v1/messages")
    #expect(whole.deltas == 10 && half.deltas == 5)
  }

  @Test func wordsThatAskForNothingAreRepeated() {
    for text in [
      "[tools]", "[fail]", "[fail 200]", "[fail 600]", "[fail x]", "[pause]", "[pause x]", "[size 1 2]", "[",
      "[tool", "[[]",
    ] {
      let wishes = DemoWishes(in: text)
      #expect(wishes.text == text && wishes.overture.isEmpty && wishes.failure == nil && !wishes.callsTool)
    }
    #expect(DemoWishes(in: "a [[tool] b] [think]c").text == "a [ b] c")
  }

  @Test func wishesAreBounded() {
    #expect(DemoWishes(in: "[events \(Int.max)]").amount == .events(10_000_000))
    #expect(DemoWishes(in: "[size \(Int.max)]").amount == .bytes(64 << 20))
    #expect(DemoWishes(in: "[pause \(Int.max)]").pauseMilliseconds == 600_000)
    #expect(DemoWishes(in: "[pause -5] [events -5]").pauseMilliseconds == 0)
    #expect(DemoWishes(in: "[events -5]").amount == .events(0))
    // A number too large to be one is no wish.
    #expect(DemoWishes(in: "[events 99999999999999999999]").amount == nil)
  }

  /// What is sent by whom does not matter: nothing may trap.
  @Test func anyBodyGetsAReply() {
    let bodies = [
      "", "{", "[]", "null", "\"x\"", "{}", #"{"model":1}"#, #"{"model":"m","messages":[1]}"#,
      #"{"model":"m","messages":[[]]}"#,
      #"{"model":"m","max_tokens":1e9,"messages":[{"role":"user"}]}"#,
      #"{"model":"m","messages":[{"role":1}]}"#,
      #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[1,{"text":2},{"type":"tool_result"}]}],"tools":[1,{},{"function":1}]}"#,
      #"{"model":"m","max_tokens":99999999999999999999,"stream":"yes","messages":[{"role":"tool","content":7}]}"#,
    ]
    for path in ["/v1/messages", "/v1/chat/completions", "/v1/messages/count_tokens", "/v1/models", "/", ""] {
      for method in ["GET", "POST", "PUT"] {
        for body in bodies {
          let reply = Demo.reply(method: method, path: path, body: Array(body.utf8), serial: 1)
          #expect((200...599).contains(reply.status))
          #expect(reply.length == Played(reply).text.utf8.count)
        }
      }
    }
  }
}
