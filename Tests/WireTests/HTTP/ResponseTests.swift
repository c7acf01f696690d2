import Testing

@testable import Wire

@Suite struct ResponseWriterTests {
  private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

  private func head(
    _ status: Int, _ fields: HeaderFields = HeaderFields(), _ framing: ResponseFraming = .length(2),
    keepsAlive: Bool = true
  ) -> String {
    var output = ByteQueue()
    ResponseWriter.head(
      status: status, fields: fields, framing: framing, date: Self.date, keepsAlive: keepsAlive, to: &output)
    return HTTPBytes.string(output.span)
  }

  @Test func aReplyOfKnownLength() {
    var fields = HeaderFields()
    fields.append(name: "content-type", value: "application/json")
    #expect(
      self.head(200, fields)
        == "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: \(Self.date)\r\nserver: claude-proxy\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n"
    )
  }

  @Test func framingAndConnectionAreOursAlone() {
    var fields = HeaderFields()
    for (name, value) in [
      ("Connection", "X-Hop, close"), ("X-Hop", "1"), ("Content-Length", "99"),
      ("Transfer-Encoding", "chunked"),
      ("Keep-Alive", "timeout=5"), ("Upgrade", "h2c"), ("TE", "trailers"), ("Trailer", "X"),
      ("Proxy-Connection", "x"),
      ("Date", "then"), ("Server", "upstream"), ("X-Kept", "yes"),
    ] { fields.append(name: name, value: value) }
    #expect(
      self.head(429, fields, .chunked, keepsAlive: false)
        == "HTTP/1.1 429 Too Many Requests\r\nDate: then\r\nServer: upstream\r\nX-Kept: yes\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
  }

  @Test(arguments: [
    (204, ResponseFraming.length(0)), (204, .chunked), (103, .length(3)), (200, .none), (304, .none),
  ])
  func noWordAboutABodyThatCannotBe(_ status: Int, _ framing: ResponseFraming) {
    let head = self.head(status, HeaderFields(), framing)
    #expect(!head.contains("content-length") && !head.contains("transfer-encoding"))
  }

  @Test func aBodyThatEndsWithTheConnectionClosesIt() {
    #expect(ResponseFraming.streamed(toMinorVersion: 0) == .untilClose)
    #expect(ResponseFraming.streamed(toMinorVersion: 1) == .chunked)
    #expect(self.head(200, HeaderFields(), .untilClose).hasSuffix("connection: close\r\n\r\n"))
  }

  @Test(arguments: [
    (599, "HTTP/1.1 599 \r\n"), (0, "HTTP/1.1 500 "), (-7, "HTTP/1.1 500 "), (12345, "HTTP/1.1 500 "),
  ])
  func aStatusHasThreeDigits(_ status: Int, _ start: String) {
    #expect(self.head(status).hasPrefix(start))
  }

  @Test func whatIsWrittenInChunksIsReadBack() {
    var output = ByteQueue()
    ResponseWriter.chunk([UInt8](repeating: 0x61, count: 300).span, to: &output)
    ResponseWriter.chunk([UInt8]().span, to: &output)
    ResponseWriter.chunk([0x0D, 0x0A].span, to: &output)
    ResponseWriter.lastChunk(to: &output)
    var decoder = BodyDecoder(framing: .chunked, limit: 302)
    var body: [UInt8] = []
    #expect(decoder.advance(&output, into: &body) == .complete)
    #expect(body == [UInt8](repeating: 0x61, count: 300) + [0x0D, 0x0A])
    #expect(output.isEmpty)
  }

  @Test func theInterimReply() {
    var output = ByteQueue()
    ResponseWriter.continue100(to: &output)
    #expect(HTTPBytes.string(output.span) == "HTTP/1.1 100 Continue\r\n\r\n")
  }
}

@Suite struct HTTPDateTests {
  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
    (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"), (Int.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
    (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT"), (Int.min, "Sat, 01 Jan 0000 00:00:00 GMT"),
  ])
  func aTimeIsWrittenAsADate(_ seconds: Int, _ text: String) {
    #expect(HTTPDate.text(unixSeconds: seconds) == text)
  }
}

@Suite struct ResponseHeadTests {
  private func parse(_ text: String) -> ResponseHead? {
    ResponseHead(parsing: text.utf8Span.span)
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK", "HTTP/1.0 200", "HTTP/2 200 ", "HTTP/2 200", "HTTP/3 200", "HTTP/1.1  200 All right",
  ])
  func everySpellingOfTheStatusLineIsRead(_ line: String) {
    let head = self.parse("\(line)\r\nContent-Type: text/event-stream\r\nX-A:b\r\n\r\n")
    #expect(head?.status == 200)
    #expect(
      head?.fields.value(of: "content-type") == "text/event-stream" && head?.fields.value(of: "x-a") == "b")
  }

  @Test("a status line stands first or nowhere")
  func oneHead() {
    #expect(
      self.parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nHTTP/1.1 200 x\r\nX-A: b\r\n\r\n") == nil)
    let head = self.parse(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nHTTP/1.1 200 x:y\r\nX-A: b\r\n\r\nX-C: d\r\n\r\n")
    #expect(head?.fields.count == 2 && head?.fields.value(of: "transfer-encoding") == "chunked")
  }

  @Test(arguments: [
    "", "\r\n", "X: y\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 099 x\r\n\r\n",
    "HTTP/1.1 +20 x\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
  ])
  func aBlockWithoutAFinalStatusIsNone(_ text: String) {
    #expect(self.parse(text) == nil)
  }

  @Test func foldedLinesAndBareLineFeedsAreReadAsAClientMay() {
    let head = self.parse("HTTP/1.1 200 OK\nX-Folded: a\n  b\n\tc\nX-B: d\n\n")
    #expect(head?.fields.value(of: "x-folded") == "a b c" && head?.fields.value(of: "x-b") == "d")
  }

  /// Nor as a length: an upstream's own framing may not see it.
  @Test func aNameWithABlankIsNone() {
    let head = self.parse("HTTP/1.1 200 OK\r\nContent-Length : 5\r\nX-A: b\r\n\r\n")
    #expect(head?.status == 200 && head?.fields.count == 1)
  }

  @Test func nothingFromAnUpstreamCanEndALineEarly() {
    let head = self.parse(
      "HTTP/1.1 200 OK\r\nX-A: b\rInjected: 1\r\nX-B: \u{2}\r\n folded\u{1} on\r\nBad Name: x\r\n: none\r\nX-C: fine\r\n\u{7} x: y\r\n\r\n"
    )
    #expect(head?.status == 200 && head?.fields.count == 1 && head?.fields.value(of: "x-c") == "fine")
  }

  @Test(
    "a line that is none of HTTP's makes the answer none",
    arguments: ["no colon", "X-B: a\0b", "\0", " folded", "\u{7} x", "HTTP/1.1 20"])
  func aLineOfNothing(_ line: String) {
    #expect(self.parse("HTTP/1.1 200 OK\r\n\(line)\r\nX-C: fine\r\n\r\n") == nil)
    #expect(
      self.parse("HTTP/1.1 200 OK\r\nX-C: fine\r\n\(line)\r\n\r\n")?.status == (line == " folded" ? 200 : nil)
    )
  }

  @Test func aBlockCutOffAnywhereDoesNoHarm() {
    let text = Array("HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nX-D: \te\r\n\r\n".utf8)
    for end in 0...text.count {
      let head = ResponseHead(parsing: text.span.extracting(0..<end))
      #expect(head == nil || head?.status == 200)
    }
  }
}

@Suite struct AnswerLengthTests {
  @Test("an answer with two lengths is none, one that repeats its length is one")
  func lengths() {
    func head(_ second: Int) -> ResponseHead? {
      let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: \(second)\r\n\r\n"
      return ResponseHead(parsing: Array(text.utf8).span)
    }
    #expect(head(6) == nil)
    #expect(head(5)?.status == 200)
  }
}
