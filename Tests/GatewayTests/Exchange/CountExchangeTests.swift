import Dialogue
import Gateway
import Testing
import Tokens
import Wire

/// How many tokens a request has: what the upstream says, or what is counted here.
@Suite struct CountExchangeTests {
  private static let json = [("content-type", "application/json")]
  private static let number = #"{"input_tokens":2095}"#

  private func run() -> ExchangeRun {
    ExchangeRun(
      CountExchange(
        for: Caller(
          speaks: .anthropic, requestName: "req_1", minorVersion: 1, isHead: false, keepsAlive: true)))
  }

  @Test("the upstream's number passes as it came, and a field says whose it is")
  func upstream() throws {
    let run = self.run()
    #expect(try run.head(200, Self.json + [("request-id", "up-1")]) == .goOn)
    #expect(run.bytes(Self.number) == .goOn)
    #expect(run.bytes.isEmpty)
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == 200 && reply.text == Self.number && reply.isWhole && reply.rest.isEmpty)
    #expect(reply.fields["x-proxy-count"] == "upstream" && reply.fields["x-proxy-counter"] == nil)
    #expect(reply.fields["request-id"] == "up-1")
    #expect(run.sentStatus == 200 && run.relayedBytes == Self.number.utf8.count)
  }

  @Test("what the client did wrong is the upstream's to say", arguments: [400, 401, 403, 413, 422, 429])
  func client(_ status: Int) throws {
    let run = self.run()
    let error = #"{"type":"error","error":{"type":"x","message":"no"}}"#
    try run.head(status, Self.json + [("retry-after", "7")])
    run.bytes(error)
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == status && reply.text == error)
    #expect(reply.fields["x-proxy-count"] == "upstream" && reply.fields["retry-after"] == "7")
  }

  @Test(
    "an upstream that cannot count is none the worse for the client",
    arguments: [
      (404, "{}"), (405, ""), (501, "no"), (500, "{}"), (502, "<html>"), (503, ""), (529, "{}"),
      (302, ""), (200, "<html>"), (200, "{}"), (200, #"{"input_tokens":"7"}"#), (200, "[]"), (204, ""),
    ])
  func local(_ status: Int, _ body: String) throws {
    let run = self.run()
    try run.head(status, Self.json)
    run.bytes(body)
    #expect(run.finish() == .count(answer: []))
    #expect(run.bytes.isEmpty && run.sentStatus == nil)
    try self.expectLocal(run)
  }

  @Test("nor is one that cannot be reached, breaks off, or is held back")
  func unreachable() throws {
    for error in [
      ErrorReply.unreachable("x"), .firstByteTimeout, .idleTimeout, .truncated("x"), .redirected,
      .breakerOpen(afterSeconds: 3),
    ] {
      let run = self.run()
      if error == .idleTimeout { try run.head(200, Self.json) }
      #expect(run.exchange.waitAfterConnecting() == nil)
      #expect(run.fail(error) == .count(answer: []))
      try self.expectLocal(run)
    }
    let silent = self.run()
    #expect(silent.finish() == .count(answer: []))
    let endless = self.run()
    try endless.head(200, Self.json)
    #expect(endless.bytes(String(repeating: " ", count: 300_000)) == .count(answer: []))
    #expect(endless.bytes(" ") == .goOn && endless.finish() == .goOn)
    try self.expectLocal(endless)
  }

  @Test("a daemon that has to end says so, also while it counts")
  func cut() throws {
    for error in [ErrorReply.cutShort, .tookTooLong] {
      let run = self.run()
      #expect(run.fail(error) == .complete)
      #expect(run.reply?.status == error.status && run.failure == error)
      let counting = self.run()
      _ = counting.fail(.unreachable("x"))
      #expect(counting.fail(error) == .complete && counting.reply?.status == error.status)
      #expect(counting.counted(TokenCount(3, by: nil)) == .goOn)
      #expect(counting.reply?.rest.isEmpty == true)
    }
  }

  private func expectLocal(_ run: ExchangeRun) throws {
    #expect(run.counted(TokenCount(12, by: .o200k)) == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == 200 && reply.text == #"{"input_tokens":12}"# && reply.rest.isEmpty)
    #expect(reply.fields["x-proxy-count"] == "local" && reply.fields["x-proxy-counter"] == "o200k_base")
    #expect(reply.fields["content-type"] == "application/json" && reply.fields["request-id"] == "req_1")
    #expect(run.sentStatus == 200 && run.failure == nil)
    #expect(run.counted(TokenCount(13, by: nil)) == .goOn)
  }

  @Test("characters are named where they were counted")
  func characters() {
    let field = TokenCount(1, by: nil).answer.headers.first { $0.name == "x-proxy-counter" }
    #expect(field?.value == "chars")
  }
}
