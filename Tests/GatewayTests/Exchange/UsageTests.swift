import Dialogue
import Gateway
import Testing
import Wire

/// What relayed answers cost, read on the side.
@Suite struct UsageTests {
  private static let events = [("content-type", "text/event-stream")]

  @Test("a relayed stream's usage is read from its beginning and its end", arguments: [0, 50_000])
  func messages(_ padding: Int) throws {
    let run = ExchangeRun(.anthropic)
    try run.head(200, Self.events)
    run.bytes(
      "event: message_start\n"
        + #"data: {"type":"message_start","message":{"usage":{"input_tokens":7,"cache_read_input_tokens":4}}}"#
        + "\n\n")
    for _ in 0..<padding / 100 {
      run.bytes("data: {\"type\":\"ping\",\"x\":\"" + String(repeating: "y", count: 80) + "\"}\n\n")
    }
    run.bytes(
      "event: message_delta\r\n" + #"data: {"type":"message_delta","usage":{"output_tokens":9}}"# + "\r\n\r\n"
    )
    #expect(run.exchange.usage == nil)
    #expect(run.finish() == .complete)
    let usage = try #require(run.exchange.usage)
    #expect(usage.input == 7 && usage.cacheRead == 4 && usage.output == 9)
  }

  @Test("a whole answer's usage is read, an error's is not")
  func chat() throws {
    let body = #"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#
    for (status, output) in [(200, 3), (500, nil)] {
      let run = ExchangeRun(.openAI)
      try run.head(status, [("content-type", "application/json")])
      run.bytes(body)
      _ = run.finish()
      #expect(run.exchange.usage?.output == output)
    }
  }

  @Test(
    "an answer without usage, or with rubbish in its place, has none",
    arguments: ["{}", "[1]", "", #"{"usage":7}"#])
  func none(_ text: String) throws {
    let run = ExchangeRun(.openAI)
    try run.head(200, Self.events)
    run.bytes("data: \(text)\n\ndata: [DONE]\n\n")
    #expect(run.finish() == .complete && run.exchange.usage == nil)
  }
}
