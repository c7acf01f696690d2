import Dialogue
import Gateway
import Settings
import Testing
import Wire

/// Requests whose upstream speaks another protocol than their client.
@Suite struct TranslationTests {
  private static let toMessages = #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#
  private static let toChat = #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#
  private static let streamedToMessages =
    #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
  private static let streamedToChat =
    #"{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#
  private static let chatAnswer =
    #"{"id":"c1","object":"chat.completion","created":1,"model":"up","choices":[{"index":0,"message":"#
    + #"{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"#
    + #""usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#

  private static func chunk(_ delta: String, _ finish: String = "null") -> String {
    #"data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":"#
      + delta + #","finish_reason":"# + finish + "}]}\n\n"
  }

  @Test("a request is rewritten, and of the client's own header fields none is left")
  func request() throws {
    let run = try TranslationRun(to: .messages, Self.toMessages)
    #expect(run.plan.url == "http://up.example/v1/messages")
    #expect(
      run.headerLines == [
        "accept: application/json", "anthropic-version: 2023-06-01",
        "anthropic-beta: interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14",
        "anthropic-dangerous-direct-browser-access: true", "content-type: application/json",
        "user-agent: claude-proxy/9", "x-app: cli", "accept-encoding: identity", "authorization: Bearer sk-k",
        "expect:",
      ])
    #expect(run.sent.contains(#""max_tokens":"#))
    let streamed = try TranslationRun(to: .chat, Self.streamedToChat)
    #expect(streamed.headerLines[0] == "accept: text/event-stream" && streamed.headerLines.count == 6)
  }

  @Test("what cannot be translated is the client's error, with the path at fault")
  func refusal() throws {
    #expect {
      try TranslationRun(to: .messages, #"{"model":"m","messages":7}"#)
    } throws: {
      ($0 as? ErrorReply)?.status == 400 && ($0 as? ErrorReply)?.param == "messages"
    }
  }

  @Test("a whole answer becomes one of the client's protocol")
  func whole() throws {
    let run = try TranslationRun(to: .chat, Self.toChat)
    #expect(try run.head(200, [("content-type", "application/json"), ("x-request-id", "up-1")]) == .goOn)
    #expect(run.bytes(String(Self.chatAnswer.prefix(40))) == .goOn)
    #expect(run.bytes(String(Self.chatAnswer.dropFirst(40))) == .goOn)
    #expect(run.bytes.isEmpty)
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == 200 && reply.isWhole && reply.rest.isEmpty)
    #expect(reply.fields["request-id"] == "req_1" && reply.fields["x-upstream-request-id"] == "up-1")
    #expect(reply.fields["x-proxy-request-id"] == "req_1")
    #expect(reply.text.contains(#""content":[{"type":"text","text":"Hello"}]"#))
    #expect(run.exchange.usage?.input == 3 && run.exchange.usage?.output == 2)
  }

  @Test("a stream begins with its first event, and ends with its last although the upstream goes on")
  func stream() throws {
    let run = try TranslationRun(to: .chat, Self.streamedToChat)
    try run.head(200, [("content-type", "text/event-stream")])
    #expect(run.bytes(": comment\n\n") == .goOn)
    #expect(run.bytes.isEmpty && run.exchange.sentStatus == nil)
    #expect(run.bytes(Self.chunk(#"{"role":"assistant","content":"Hel"}"#)) == .goOn)
    let begun = String(decoding: run.bytes, as: UTF8.self)
    #expect(begun.hasPrefix("HTTP/1.1 200 OK\r\n") && begun.contains("Hel"))
    #expect(run.bytes(Self.chunk(#"{"content":"lo"}"#) + Self.chunk("{}", #""stop""#)) == .goOn)
    #expect(run.bytes("data: [DONE]\n\n") == .complete)
    let reply = try #require(run.reply)
    #expect(
      reply.isWhole && reply.rest.isEmpty
        && reply.text.hasSuffix("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"))
    #expect(reply.fields["content-type"] == "text/event-stream; charset=utf-8")
    #expect(reply.fields["x-accel-buffering"] == "no")
    #expect(run.finish() == .goOn && run.fail(.idleTimeout) == .goOn)
  }

  @Test("to HTTP/1.0 a stream ends with its connection")
  func oldClient() throws {
    let run = try TranslationRun(to: .chat, Self.streamedToChat, minorVersion: 0)
    try run.head(200)
    run.bytes(Self.chunk(#"{"content":"lo"}"#) + Self.chunk("{}", #""stop""#))
    #expect(run.bytes("data: [DONE]\n\n") == .breakOff)
    #expect(run.exchange.failure == nil)
    #expect(run.reply?.text.hasPrefix("event: message_start") == true)
  }

  @Test("an upstream's error keeps its status and becomes an error of the client's protocol")
  func upstreamError() throws {
    let run = try TranslationRun(to: .messages, Self.toMessages)
    try run.head(429, [("content-type", "application/json"), ("retry-after", "7"), ("request-id", "up-1")])
    run.bytes(#"{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}"#)
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == 429 && reply.fields["retry-after"] == "7")
    #expect(reply.fields["x-request-id"] == "req_1" && reply.fields["x-upstream-request-id"] == "up-1")
    #expect(
      reply.text
        == #"{"error":{"message":"slow","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}"#
    )
  }

  @Test("an error that comes first in a stream still has a status")
  func earlyErrorInStream() throws {
    let run = try TranslationRun(to: .messages, Self.streamedToMessages)
    try run.head(200, [("content-type", "text/event-stream")])
    let step = run.bytes(
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n"
    )
    #expect(step == .complete && run.reply?.status == 503)
  }

  @Test(
    "what means an answer without content is one in a stream too",
    arguments: [
      (#"{"error":{"message":"x","code":"content_filter","innererror":{"code":"y"}}}"#, "refusal"),
      (
        #"{"error":{"message":"Could not finish the message because max_tokens was reached."}}"#, "max_tokens"
      ),
    ])
  func emptyAnswer(_ body: String, _ reason: String) throws {
    let run = try TranslationRun(to: .chat, Self.streamedToChat)
    try run.head(400, [("content-type", "application/json")])
    run.bytes(body)
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == 200 && reply.text.hasPrefix("event: message_start"))
    #expect(reply.text.contains(#""stop_reason":"\#(reason)""#) && reply.text.contains("message_stop"))
    #expect(!reply.text.contains("event: error"))
  }

  @Test("a stream that breaks off ends in an error frame and not in a last chunk")
  func broken() throws {
    let run = try TranslationRun(to: .chat, Self.streamedToChat)
    try run.head(200)
    run.bytes(Self.chunk(#"{"content":"lo"}"#) + "data: {\"unfini")
    #expect(run.fail(.truncated("reset")) == .breakOff)
    let reply = try #require(run.reply)
    #expect(!reply.isWhole && !reply.text.contains("unfini") && !reply.text.contains("message_stop"))
    #expect(reply.text.split(separator: "event: error\n", omittingEmptySubsequences: false).count == 2)
    #expect(reply.text.contains("Upstream stream ended before completion"))
  }

  @Test("a stream that breaks off after its last word is whole")
  func brokenAfterwards() throws {
    let run = try TranslationRun(to: .chat, Self.streamedToChat)
    try run.head(200)
    run.bytes(Self.chunk(#"{"content":"lo"}"#) + Self.chunk("{}", #""stop""#))
    #expect(run.fail(.truncated("reset")) == .complete)
    let reply = try #require(run.reply)
    #expect(reply.isWhole && reply.text.contains("message_stop") && run.exchange.failure == nil)
  }

  @Test("a stream that ends without its end is an error, although its transport was whole")
  func truncated() throws {
    let run = try TranslationRun(to: .chat, Self.streamedToChat)
    try run.head(200)
    run.bytes(Self.chunk(#"{"content":"lo"}"#))
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.isWhole && reply.text.contains("event: error\n") && !reply.text.contains("message_stop"))
  }

  @Test(
    "a client that waits for long hears something, and then errors in the stream", arguments: [true, false])
  func pulse(_ hasHead: Bool) throws {
    let run = try TranslationRun(to: .chat, Self.streamedToChat)
    if hasHead { try run.head(200) }
    #expect(run.exchange.wantsPulse)
    run.pulse()
    run.pulse()
    let early = try #require(run.reply)
    #expect(
      early.status == 200
        && early.text.split(separator: "event: ping\n", omittingEmptySubsequences: false).count == 3)
    #expect(
      early.text.split(separator: "event: message_start\n", omittingEmptySubsequences: false).count == 2)
    if !hasHead { try run.head(503, [("content-type", "application/json")]) }
    run.bytes(hasHead ? Self.chunk(#"{"content":"lo"}"#) : #"{"error":{"message":"full"}}"#)
    _ = run.finish()
    let reply = try #require(run.reply)
    #expect(
      reply.isWhole
        && reply.text.split(separator: "event: message_start\n", omittingEmptySubsequences: false).count == 2)
    #expect(reply.text.contains(hasHead ? "lo" : "full"))
    #expect(reply.text.split(separator: "event: error\n", omittingEmptySubsequences: false).count == 2)
  }

  @Test("an answer that is wanted whole is not pulsed")
  func noPulse() throws {
    let run = try TranslationRun(to: .chat, Self.toChat)
    run.pulse()
    #expect(run.bytes.isEmpty && !run.exchange.wantsPulse)
  }

  @Test("a status is tried again only with the server's key at a Chat upstream, and not for ever")
  func retries() throws {
    let run = try TranslationRun(to: .chat, Self.toChat)
    #expect(try run.head(503) == .tryAgain(after: 500))
    #expect(try run.head(429, [("retry-after", "2")]) == .tryAgain(after: 2000))
    #expect(try run.head(429) == .goOn)
    #expect(run.finish() == .complete)
    #expect(run.reply?.status == 429 && run.reply?.fields["x-should-retry"] == nil)
    #expect(try TranslationRun(to: .chat, Self.toChat).head(400) == .goOn)
    #expect(try TranslationRun(to: .chat, Self.toChat).head(429, [("retry-after", "6")]) == .goOn)
    #expect(try TranslationRun(to: .chat, Self.toChat, keyMode: .dynamic).head(503) == .goOn)
    #expect(try TranslationRun(to: .messages, Self.toMessages).head(529) == .goOn)
  }

  @Test("what a translation left out is named in the reply's head")
  func losses() throws {
    let body = #"{"model":"m","logit_bias":{"1":2},"messages":[{"role":"user","content":"hi"}]}"#
    let run = try TranslationRun(to: .messages, body)
    try run.head(400, [("content-type", "application/json")])
    run.bytes(#"{"type":"error","error":{"type":"invalid_request_error","message":"no"}}"#)
    _ = run.finish()
    #expect(run.reply?.fields["x-proxy-dropped"] == "logit_bias")
  }
}
