import Dialogue
import Foundation
import Gateway
import Testing
import Wire

/// Answers of upstreams that do not say, or say late, what they cost.
@Suite struct UnpricedReplyTests {
  private static let toMessages = #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#
  private static let toChat = #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#
  private static let events = [("content-type", "text/event-stream")]
  private static let json = [("content-type", "application/json")]

  private static func streamed(_ body: String, _ more: String = "") -> String {
    "{\"stream\":true,\(more)" + body.dropFirst()
  }

  private static func chunk(_ delta: String, _ finish: String = "null", _ usage: String = "") -> String {
    let choice = #"{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}"#
    return #"data: {"id":"c1","choices":[\#(choice)]\#(usage)}"# + "\n\n"
  }

  private static let words = chunk(#"{"role":"assistant","content":"Hello!!"}"#)

  @Test("the stream of a Message begins with the count, and waits for it")
  func begins() throws {
    let run = try TranslationRun(to: .chat, Self.streamed(Self.toChat), count: nil)
    #expect(run.exchange.wantsCount && run.plan.countable?.model == run.plan.notes.sentModel)
    try run.head(200, Self.events)
    #expect(run.bytes(Self.words) == .goOn)
    run.pulse()
    #expect(run.bytes.isEmpty)
    #expect(run.counted(41) == .goOn)
    #expect(!run.exchange.wantsCount)
    let begun = try #require(run.reply)
    #expect(begun.text.contains(#""input_tokens":41,"#) && begun.text.contains("Hello!!"))
    #expect(run.bytes(Self.chunk("{}", #""stop""#) + "data: [DONE]\n\n") == .complete)
    let reply = try #require(run.reply)
    #expect(reply.isWhole)
    let end = try #require(reply.text.components(separatedBy: "message_delta").last)
    // Seven characters, a token for four bytes.
    #expect(end.contains(#""input_tokens":41,"#) && end.contains(#""output_tokens":2"#))
    #expect(run.exchange.usage == nil)
  }

  @Test("a count that comes before the upstream's answer changes nothing but the number")
  func early() throws {
    let run = try TranslationRun(to: .chat, Self.streamed(Self.toChat), count: 5)
    try run.head(200, Self.events)
    #expect(run.bytes(Self.words) == .goOn)
    #expect(run.reply?.text.contains(#""input_tokens":5,"#) == true)
  }

  @Test("an upstream that ends while the count is awaited has said all the same")
  func ended() throws {
    let run = try TranslationRun(to: .chat, Self.streamed(Self.toChat), count: nil)
    try run.head(200, Self.events)
    let usage = #","usage":{"prompt_tokens":3,"completion_tokens":2}"#
    #expect(run.bytes(Self.words + Self.chunk("{}", #""stop""#, usage) + "data: [DONE]\n\n") == .goOn)
    #expect(run.finish() == .goOn)
    #expect(run.counted(41) == .complete)
    let reply = try #require(run.reply)
    #expect(reply.isWhole && reply.text.contains(#""input_tokens":3,"#))
    #expect(run.exchange.usage?.output == 2)
  }

  @Test("an upstream that breaks off meanwhile has said what it said before")
  func brokenOff() throws {
    for error in [ErrorReply.truncated("x"), .unreachable("x"), .idleTimeout] {
      let run = try TranslationRun(to: .chat, Self.streamed(Self.toChat), count: nil)
      try run.head(200, Self.events)
      run.bytes(Self.words)
      #expect(run.fail(error) == .goOn && run.bytes.isEmpty)
      #expect(run.counted(41) == .breakOff)
      let text = String(decoding: run.bytes, as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 200 ") && text.contains("Hello!!") && text.contains("event: error"))
    }
  }

  @Test("one that had said nothing is an error with a status, and so is a daemon that has to end")
  func failed() throws {
    for (error, words) in [(ErrorReply.unreachable("x"), ""), (.cutShort, Self.words)] {
      let run = try TranslationRun(to: .chat, Self.streamed(Self.toChat), count: nil)
      try run.head(200, Self.events)
      run.bytes(words)
      #expect(run.fail(error) == .complete)
      #expect(run.reply?.status == error.status)
      #expect(run.counted(41) == .goOn && run.reply?.rest.isEmpty == true)
    }
  }

  @Test("an upstream's error does not wait for a count")
  func error() throws {
    let run = try TranslationRun(to: .chat, Self.streamed(Self.toChat), count: nil)
    try run.head(403, Self.json)
    run.bytes(#"{"error":{"message":"not you","type":"permission_error"}}"#)
    #expect(run.finish() == .complete)
    #expect(run.reply?.status == 403)
  }

  @Test("a whole answer without a price is counted: the request, and what the model wrote")
  func whole() throws {
    let run = try TranslationRun(to: .chat, Self.toChat, count: nil)
    #expect(!run.exchange.wantsCount)
    try run.head(200, Self.json)
    let call = #"{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}"#
    run.bytes(
      #"{"id":"c1","model":"up","usage":null,"choices":[{"index":0,"finish_reason":"stop","#
        + #""message":{"role":"assistant","content":"H\u00e9!","tool_calls":[\#(call)]}}]}"#)
    #expect(run.finish() == .count(answer: Array("Hé!f{}".utf8)))
    #expect(run.bytes.isEmpty)
    #expect(run.finish() == .goOn)
    #expect(run.counted(41, answer: 6) == .complete)
    let reply = try #require(run.reply)
    #expect(reply.fields["x-proxy-usage"] == "estimated")
    #expect(reply.text.contains(#""input_tokens":41,"#) && reply.text.contains(#""output_tokens":6"#))
  }

  @Test("a chat client's stream ends with the count, if its upstream says nothing and it asked")
  func chat() throws {
    let options = #""stream_options":{"include_usage":true},"#
    for (asked, extra) in [(true, options), (false, "")] {
      let run = try TranslationRun(to: .messages, Self.streamed(Self.toMessages, extra), count: nil)
      #expect(!run.exchange.wantsCount && (run.plan.countable != nil) == asked)
      try run.head(200, Self.events)
      run.bytes(
        #"data: {"type":"message_start","message":{"id":"m1","content":[]}}"# + "\n\n"
          + #"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#
          + "\n\n"
          + #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#
          + "\n\n" + #"data: {"type":"content_block_stop","index":0}"# + "\n\n"
          + #"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}"# + "\n\n")
      let last = run.bytes(#"data: {"type":"message_stop"}"# + "\n\n")
      guard asked else {
        #expect(last == .complete && run.reply?.text.contains("usage") == false)
        continue
      }
      #expect(last == .count(answer: []))
      #expect(run.reply?.text.contains("Hello") == true && run.reply?.text.contains("[DONE]") == false)
      #expect(run.finish() == .goOn)
      #expect(run.counted(41) == .complete)
      let reply = try #require(run.reply)
      #expect(reply.isWhole && reply.text.hasSuffix("data: [DONE]\n\n"))
      #expect(reply.text.contains(#""usage":{"prompt_tokens":41,"completion_tokens":2,"total_tokens":43"#))
    }
  }
}
