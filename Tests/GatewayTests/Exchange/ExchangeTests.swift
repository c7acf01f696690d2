import Gateway
import Testing
import Wire

/// One reply on its way to its client.
@Suite struct ExchangeTests {
  private static let json = [("content-type", "application/json"), ("x-request-id", "up-1")]
  private static let events = [("content-type", "text/event-stream; charset=utf-8")]
  private static let broken = ErrorReply.truncated("the connection to the upstream broke")

  @Test("a document is held until it is whole, and then has its length")
  func collecting() throws {
    let run = ExchangeRun()
    #expect(try run.head(200, Self.json + [("transfer-encoding", "chunked")]) == .goOn)
    #expect(run.bytes(#"{"a":"#) == .goOn)
    #expect(run.bytes.isEmpty && run.sentStatus == nil)
    #expect(run.bytes("1}") == .goOn)
    #expect(run.finish() == .complete)
    #expect(
      run.text == """
        HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: up-1\r\nx-proxy-request-id: req_1\r\n\
        date: \(ExchangeRun.date)\r\nserver: claude-proxy\r\ncontent-length: 7\r\nconnection: keep-alive\r\n\r\n{"a":1}
        """)
    #expect(run.sentStatus == 200 && run.relayedBytes == 7 && run.failure == nil)
  }

  @Test(
    "an upstream's error passes with its own status and body",
    arguments: [400, 401, 403, 404, 413, 429, 500, 529])
  func upstreamError(_ status: Int) throws {
    let run = ExchangeRun(.anthropic)
    try run.head(status, Self.json + [("retry-after", "7")])
    run.bytes("  {\"error\" : 1}\n")
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == status && reply.text == "  {\"error\" : 1}\n")
    #expect(reply.fields["retry-after"] == "7")
  }

  @Test(
    "before the client was told a status, a failure is an error with a status",
    arguments: [ClientProtocol.anthropic, .openAI], [0, 1, 2])
  func failsEarly(_ speaks: ClientProtocol, _ progress: Int) throws {
    let run = ExchangeRun(speaks)
    if progress > 0 { try run.head(200, Self.json) }
    if progress > 1 { run.bytes(#"{"half":"#) }
    #expect(run.fail(.firstByteTimeout) == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == 504 && reply.isWhole && reply.rest.isEmpty && !reply.text.contains("half"))
    #expect(reply.body == ErrorReply.firstByteTimeout.body(for: speaks, requestName: "req_1"))
    #expect(reply.fields["x-proxy-request-id"] == "req_1" && reply.fields["connection"] == "keep-alive")
    #expect(run.failure == .firstByteTimeout && run.sentStatus == 504)
  }

  @Test("an upstream that ends without an answer is a 502")
  func noAnswer() throws {
    let run = ExchangeRun()
    #expect(run.finish() == .complete)
    #expect(run.reply?.status == 502)
  }

  @Test("nothing follows the end", arguments: 0..<3)
  func ended(_ way: Int) throws {
    let run = ExchangeRun()
    if way == 0 { _ = run.fail(.cutShort) }
    if way > 0 { try run.head(200, way == 1 ? Self.json : Self.events) }
    if way > 0 { _ = way == 1 ? run.finish() : run.fail(.cutShort) }
    let before = run.bytes
    #expect(run.fail(.idleTimeout) == .goOn)
    #expect(run.finish() == .goOn)
    #expect(run.bytes("data: x\n\n") == .goOn)
    #expect(try run.head(200, Self.json) == .goOn)
    #expect(run.bytes == before)
  }

  @Test("a redirect is not followed and not passed on", arguments: [300, 301, 302, 303, 307, 308, 399])
  func redirect(_ status: Int) throws {
    let run = ExchangeRun()
    #expect(try run.head(status, [("location", "http://evil.example/")]) == .complete)
    let reply = try #require(run.reply)
    #expect(reply.status == 502 && reply.fields["location"] == nil && !run.text.contains("evil"))
  }

  @Test(
    "a status without a body ends at its head, whatever its fields say: the next bytes are the next reply's",
    arguments: [204, 304], ["application/json", "text/event-stream", "text/html"])
  func bodiless(_ status: Int, _ type: String) throws {
    for extra in [[], [("content-length", "5")], [("transfer-encoding", "chunked")]] {
      let run = ExchangeRun()
      try run.head(status, [("content-type", type)] + extra)
      #expect(run.finish() == .complete)
      let reply = try #require(run.reply)
      #expect(reply.status == status && reply.rest.isEmpty)
      #expect(reply.fields["transfer-encoding"] == nil && reply.fields["content-length"] == nil)
    }
  }

  @Test(
    "an event stream flows event by event, is never buffered by a proxy in front, and ends with the last chunk"
  )
  func streaming() throws {
    let run = ExchangeRun()
    try run.head(200, Self.events + [("x-accel-buffering", "yes"), ("content-length", "3")])
    #expect(run.sentStatus == 200)
    let head = try #require(run.reply)
    #expect(head.fields["cache-control"] == "no-cache" && head.fields["x-accel-buffering"] == "no")
    #expect(head.fields["content-length"] == nil && head.fields["transfer-encoding"] == "chunked")
    run.bytes("data: a\n\ndata: b\n")
    #expect(run.reply?.text == "data: a\n\n")
    run.bytes("\n")
    #expect(run.reply?.text == "data: a\n\ndata: b\n\n")
    run.bytes("data: unfinished")
    #expect(run.reply?.isWhole == false)
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.text == "data: a\n\ndata: b\n\ndata: unfinished" && reply.isWhole && reply.rest.isEmpty)
  }

  @Test("the upstream's own cache-control stays")
  func cacheControl() throws {
    let run = ExchangeRun()
    try run.head(200, Self.events + [("cache-control", "no-store")])
    #expect(run.reply?.fields["cache-control"] == "no-store")
  }

  @Test(
    "a broken stream ends with whole events and one frame in the client's protocol, and without the last chunk"
  )
  func brokenStream() throws {
    for speaks in [ClientProtocol.anthropic, .openAI] {
      let run = ExchangeRun(speaks)
      try run.head(200, Self.events)
      run.bytes("data: a\n\ndata: half")
      #expect(run.fail(Self.broken) == .breakOff)
      let reply = try #require(run.reply)
      let frame = String(decoding: Self.broken.frame(for: speaks, requestName: "req_1"), as: UTF8.self)
      #expect(reply.text == "data: a\n\n" + frame && !reply.isWhole)
      #expect(run.sentStatus == 200 && run.failure == Self.broken)
    }
  }

  @Test(
    "HTTP/1.0 gets no chunks: the end of the connection is the end of the stream, and is told from a break")
  func oldVersion() throws {
    let run = ExchangeRun(minorVersion: 0)
    try run.head(200, Self.events)
    run.bytes("data: a\n\n")
    #expect(run.finish() == .breakOff)
    #expect(run.failure == nil)
    let reply = try #require(run.reply)
    #expect(reply.fields["transfer-encoding"] == nil && reply.fields["connection"] == "close")
    #expect(reply.text == "data: a\n\n")
  }

  @Test("HEAD gets heads only", arguments: ["application/json", "text/event-stream", "text/plain"])
  func headRequest(_ type: String) throws {
    for ending in 0..<2 {
      let run = ExchangeRun(isHead: true)
      try run.head(200, [("content-type", type)])
      run.bytes("data: a\n\n")
      _ = ending == 0 ? run.finish() : run.fail(Self.broken)
      #expect(run.text.hasSuffix("\r\n\r\n") && !run.text.contains("data"))
    }
  }

  @Test("a document too long to hold begins to flow, with its length if the upstream gave one")
  func long() throws {
    let block = [UInt8](repeating: 0x20, count: 1 << 20)
    let run = ExchangeRun()
    try run.head(200, Self.json + [("content-length", "\((1 << 20) + 2)")])
    run.bytes(block)
    #expect(run.bytes.isEmpty)
    run.bytes("{")
    #expect(run.sentStatus == 200)
    #expect(run.bytes("}") == .goOn)
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.fields["content-length"] == "\((1 << 20) + 2)" && reply.isWhole && reply.rest.isEmpty)
    let other = ExchangeRun()
    try other.head(200, Self.json)
    other.bytes(block)
    other.bytes("{")
    #expect(other.fail(Self.broken) == .breakOff)
    #expect(other.reply?.fields["transfer-encoding"] == "chunked")
    #expect(other.reply?.isWhole == false && !other.text.contains("error"))
  }

  @Test(
    "a length that may not be the body's is not repeated: the client would read the rest as the next reply",
    arguments: [
      [("transfer-encoding", "chunked"), ("content-length", "5")],
      [("content-length", "5"), ("content-length", "9")],
      [("content-length", "-5")], [("content-length", "5x")], [("content-length", "99999999999999999999")],
      [],
    ])
  func untrustedLength(_ fields: [(String, String)]) throws {
    let run = ExchangeRun()
    try run.head(200, [("content-type", "text/plain")] + fields)
    run.bytes("HTTP/1.1 200 OK\r\n\r\nno reply of ours")
    #expect(run.finish() == .complete)
    let reply = try #require(run.reply)
    #expect(reply.text == "HTTP/1.1 200 OK\r\n\r\nno reply of ours" && reply.isWhole && reply.rest.isEmpty)
    #expect(reply.fields["transfer-encoding"] == "chunked")
  }

  @Test("fields of the upstream's own hop, its cookies and its name stay behind")
  func fields() throws {
    let run = ExchangeRun()
    let withheld = [
      ("Set-Cookie", "a=b"), ("Server", "up"), ("Via", "1.1 x"), ("Alt-Svc", "h3"),
      ("connection", "keep-alive, x-hop"),
      ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("Proxy-Authenticate", "Basic"), ("upgrade", "h2c"),
      ("Strict-Transport-Security", "max-age=1"), ("openai-organization", "org"), ("trailer", "x"),
    ]
    try run.head(200, Self.json + withheld + [("x-ratelimit-limit", "1"), ("request-id", "r")])
    _ = run.finish()
    let reply = try #require(run.reply)
    let kept = ["content-type", "x-request-id", "x-ratelimit-limit", "request-id", "x-proxy-request-id"]
    let own = ["date", "server", "content-length", "connection"]
    #expect(Set(reply.fields.keys) == Set(kept + own))
    #expect(reply.fields["server"] == "claude-proxy" && reply.fields["connection"] == "keep-alive")
  }

  @Test("a connection that is to end says so, unless its head has gone")
  func closing() throws {
    let exchange = RelayedExchange(
      for: Caller(speaks: .openAI, requestName: "r", minorVersion: 1, isHead: false, keepsAlive: true))
    exchange.closeAfterwards()
    let keepsAlive = exchange.keepsAlive
    #expect(!keepsAlive)
    var output = ByteQueue()
    _ = exchange.fail(.draining, date: ExchangeRun.date, to: &output)
    let bytes = output.bytes
    #expect(Reply(bytes)?.fields["connection"] == "close")
  }
}
