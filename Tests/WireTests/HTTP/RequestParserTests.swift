import Testing

@testable import Wire

@Suite struct RequestParserTests {
  private func parse(_ text: String, _ limits: RequestLimits = RequestLimits()) -> RequestProgress {
    var queue = ByteQueue()
    queue.append(text)
    var parser = RequestParser(limits: limits)
    return parser.advance(&queue)
  }

  @Test func theQueueBeginsWithTheBodyAfterAHead() {
    var queue = ByteQueue()
    queue.append("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}GET")
    var parser = RequestParser()
    guard case .head(let head) = parser.advance(&queue) else {
      Issue.record("no head")
      return
    }
    #expect(head.framing == .length(2) && HTTPBytes.string(queue.span) == "{}GET")
    #expect(!parser.isInRequest)
  }

  @Test func aRefusalIsFinal() {
    var queue = ByteQueue()
    queue.append("get / HTTP/1.1\r\n")
    var parser = RequestParser()
    let first = parser.advance(&queue)
    queue.append("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(first == .refused(RequestFault(status: 400, reason: "The request method is not valid.")))
    #expect(parser.advance(&queue) == first)
  }

  @Test func aBodyRefusalIsFinal() {
    var queue = ByteQueue()
    queue.append("x\r\n")
    var decoder = BodyDecoder(framing: .chunked, limit: 10)
    var body: [UInt8] = []
    let first = decoder.advance(&queue, into: &body)
    queue.append("0\r\n\r\n")
    #expect(first == .refused(RequestFault(status: 400, reason: "A chunk's size is not valid.")))
    #expect(decoder.advance(&queue, into: &body) == first && body.isEmpty)
  }

  @Test func smallerLimitsAreKept() {
    let limits = RequestLimits(lineBytes: 16, fields: 2, fieldBytes: 12)
    func status(_ text: String) -> Int? {
      switch self.parse(text, limits) {
      case .refused(let fault): fault.status
      case .head: 200
      case .needsMore: nil
      }
    }
    #expect(status("GET /1 HTTP/1.1\r\nHost: abcd\r\nA: b\r\n\r\n") == 200)
    #expect(status("GET /123 HTTP/1.1\r\n") == 414)
    #expect(status("GET /123 HTTP/1.1") == 414)
    #expect(status("GET /1 HTTP/1.1\r\nHost: abcde") == 431)
    #expect(status("GET /1 HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n") == 431)
  }

  @Test func theLongestHeadIsKnown() {
    #expect(RequestLimits(lineBytes: 10, fields: 2, fieldBytes: 20).headBytes == 58)
    #expect(RequestLimits(lineBytes: .max, fields: .max, fieldBytes: .max).headBytes == .max)
  }

  /// What a client sends without end is refused before it is kept: the queue is emptied line by line, and the one
  /// line it may hold is bounded.
  @Test func anEndlessHeadIsNeverKept() {
    var queue = ByteQueue()
    queue.append("GET / HTTP/1.1\r\n")
    var parser = RequestParser()
    var largest = 0
    for _ in 0..<10_000 {
      queue.append("X-Padding: 0123456789\r\n")
      let progress = parser.advance(&queue)
      largest = max(largest, queue.count)
      if case .refused(let fault) = progress {
        #expect(fault.status == 431)
        #expect(largest == 0)
        return
      }
    }
    Issue.record("never refused")
  }

  /// Byte by byte must not cost the square: 1 MB of fields in single bytes is done in no time, searching each line
  /// anew would look at 8 GB.
  @Test func noByteIsSearchedTwice() {
    var parser = RequestParser(limits: RequestLimits(lineBytes: 4094, fields: 1000, fieldBytes: 1 << 20))
    var queue = ByteQueue()
    queue.append("GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
    let clock = ContinuousClock()
    let time = clock.measure {
      for _ in 0..<1_000_000 {
        queue.append(byte: 0x61)
        if parser.advance(&queue) != .needsMore { return }
      }
    }
    #expect(time < .seconds(20))
    queue.append("\r\n\r\n")
    guard case .head(let head) = parser.advance(&queue) else {
      Issue.record("no head")
      return
    }
    #expect(head.fields.bytes(of: "x-long")?.count == 1_000_000)
  }

  @Test func aBodyOfNoLengthNeedsNothing() {
    var queue = ByteQueue()
    queue.append("GET")
    var body: [UInt8] = []
    for framing in [BodyFraming.none, .length(0), .length(-5)] {
      var decoder = BodyDecoder(framing: framing, limit: 0)
      #expect(decoder.advance(&queue, into: &body) == .complete)
    }
    #expect(queue.count == 3 && body.isEmpty)
  }
}
