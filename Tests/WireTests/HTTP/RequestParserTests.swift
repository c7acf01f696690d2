import Testing

@testable import Wire

@Suite struct RequestParserTests {
  @Test func aRequestOfTheOrdinaryKindIsRead() throws {
    var queue = ByteQueue()
    queue.append(
      "POST /v1/messages?beta=true HTTP/1.1\r\nHost: localhost:5000\r\nContent-Type: application/json\r\nX-Api-Key: abc\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    var parser = RequestParser()
    guard case .head(let head) = parser.advance(&queue) else {
      Issue.record("no head")
      return
    }
    #expect(head.method == "POST")
    #expect(head.path == "/v1/messages" && head.query == "beta=true")
    #expect(head.fields.count == 4 && head.fields.value(of: "x-api-key") == "abc")
    #expect(head.framing == .length(2) && head.keepsAlive)
    var body: [UInt8] = []
    var decoder = BodyDecoder(framing: head.framing, limit: 10)
    #expect(decoder.advance(&queue, into: &body) == .complete)
    #expect(body == Array("{}".utf8))
    guard case .head(let next) = parser.advance(&queue) else {
      Issue.record("no second head")
      return
    }
    #expect(next.path == "/" && !next.keepsAlive && queue.isEmpty)
  }
}
