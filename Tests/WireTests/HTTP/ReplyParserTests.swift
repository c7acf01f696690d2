import Testing

@testable import Wire

private let ok = "HTTP/1.1 200 OK\r\n"
private let chunks = "\(ok)Transfer-Encoding: chunked\r\n\r\n"

@Suite struct ReplyParserTests {
  /// What is seen of an answer, however it was cut.
  private struct Seen: Equatable {
    var status: Int?
    var body: [UInt8] = []
    /// Where the answer ended, if it said so by itself.
    var end: Int?
    var isRefused = false
    var ending: ReplyParser.Ending
    var allowsNext: Bool

    init(_ pieces: [ArraySlice<UInt8>]) {
      var parser = ReplyParser()
      var offset = 0
      reading: for piece in pieces {
        let bytes = Array(piece)
        var position = 0
        while true {
          let step = parser.step(bytes.span, &position)
          if case .needsMore = step { break }
          switch step {
          case .needsMore: break
          case .head(let head): self.status = self.status == nil ? head.status : -1
          case .body(let range):
            #expect(!range.isEmpty)
            self.body += bytes[range]
          case .refused:
            self.isRefused = true
            break reading
          case .end:
            self.end = offset + position
            break reading
          }
        }
        #expect(position == bytes.count)
        offset += bytes.count
      }
      self.ending = parser.ending
      self.allowsNext = parser.allowsNext
    }

    /// Whole, byte by byte and at every cut in two: always the same.
    static func of(_ text: String) -> Seen {
      let bytes = Array(text.utf8)
      let whole = Seen([bytes[...]])
      #expect(Seen(bytes.indices.map { bytes[$0...$0] }) == whole)
      for cut in bytes.indices { #expect(Seen([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)") }
      return whole
    }

    var text: String { String(decoding: self.body, as: UTF8.self) }
  }

  @Test(
    "an answer ends where its framing says, and what follows it is none of it",
    arguments: [
      ("\(ok)Content-Length: 5\r\n\r\n", "hello", "hello"),
      ("\(ok)content-length: 5, 5\r\n\r\n", "hello", "hello"),
      ("\(ok)Content-Length: 0\r\n\r\n", "", ""),
      (chunks, "5\r\nhello\r\n0\r\n\r\n", "hello"), (chunks, "2\r\nhe\r\n003\r\nllo\r\n0\r\n\r\n", "hello"),
      (chunks, "5;name=\"va lue\"\r\nhello\r\n0;x\r\n\r\n", "hello"),
      (chunks, "5 \r\nhello\r\n0\r\n\r\n", "hello"),
      (chunks, "5\nhello\n0\n\n", "hello"),
      (chunks, "5\r\nhello\r\n0\r\nX-Trailer: 1\r\n 2\r\nX: 2\r\n\r\n", "hello"),
      ("\(ok)Transfer-Encoding: identity, Chunked\r\n\r\n", "A\r\nhellohello\r\n0\r\n\r\n", "hellohello"),
      ("HTTP/1.1 204 No Content\r\n\r\n", "", ""),
      ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "", ""),
      (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n\(ok)Content-Length: 1\r\n\r\n",
        "x", "x"
      ),
      ("HTTP/1.1 200 OK\nContent-Length: 2\n\n", "ok", "ok"),
      ("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n", "ok", "ok"),
    ])
  func whole(_ head: String, _ body: String, _ text: String) {
    let seen = Seen.of(head + body + "next")
    #expect(seen.end == (head + body).utf8.count && seen.ending == .whole && !seen.isRefused)
    #expect(seen.allowsNext)
    #expect(seen.text == text)
    #expect(seen.status == (head.contains("204") ? 204 : head.contains("304") ? 304 : 200))
  }

  @Test(
    "only an answer whose end is beyond doubt lets another one follow",
    arguments: [
      ("\(ok)Connection: close\r\nContent-Length: 2\r\n\r\nok", false),
      ("\(ok)Connection: x, Close\r\nContent-Length: 2\r\n\r\nok", false),
      ("\(ok)Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false),
      ("\(ok)Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false),
      ("\(ok)Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok", true),
      ("\(ok)Transfer-Encoding:\r\nContent-Length: 2\r\n\r\nok", true),
      ("\(chunks)00000000000000000002\r\nok\r\n0000\r\n\r\n", true),
      ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false),
      ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", true),
      (
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        false
      ),
      ("\(ok)Connection: keep-alive\r\nContent-Length: 2\r\n\r\nok", true),
    ])
  func next(_ answer: String, _ allows: Bool) {
    let seen = Seen.of(answer)
    #expect(seen.text == "ok" && seen.ending == .whole && seen.allowsNext == allows)
    #expect(seen.end == answer.utf8.count)
  }

  @Test("an answer without a length ends with its connection")
  func untilClose() {
    let seen = Seen.of("\(ok)\r\nall of it\r\n0\r\n\r\n")
    #expect(seen.text == "all of it\r\n0\r\n\r\n" && seen.end == nil)
    #expect(seen.ending == .whole && !seen.allowsNext)
  }

  @Test(
    "what stops before its end is truncated, or no answer at all",
    arguments: [
      ("", ReplyParser.Ending.noAnswer), ("HTTP/1.1 2", .noAnswer),
      ("\(ok)Content-Length: 5\r\n", .truncated), ("\(ok)", .truncated),
      ("HTTP/1.1 100 Continue\r\n\r\n", .noAnswer), ("\(ok)Content-Length: 5\r\n\r\n", .truncated),
      ("\(ok)Content-Length: 5\r\n\r\nhell", .truncated), (chunks, .truncated),
      ("\(chunks)5\r\nhello", .truncated),
      ("\(chunks)5\r\nhello\r\n", .truncated), ("\(chunks)5\r\nhello\r\n0\r\n", .truncated),
      ("\(chunks)5\r\nhello\r\n0\r\nX: y\r\n", .truncated),
    ])
  func truncated(_ answer: String, _ ending: ReplyParser.Ending) {
    let seen = Seen.of(answer)
    #expect(seen.end == nil && !seen.isRefused && seen.ending == ending)
  }

  @Test(
    "what is no HTTP, or ends nobody knows where, is refused",
    arguments: [
      "hello", "SSH-2.0-OpenSSH\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
      "HTTP/1.1 099 X\r\n\r\n", "\r\n\r\n", "HTTP/1.1200 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
      "\(ok)Content-Length: -1\r\n\r\n", "\(ok)Content-Length: 5x\r\n\r\n",
      "\(ok)Content-Length: 0x5\r\n\r\n", "\(ok)Content-Length: +5\r\n\r\n", "\(ok)Content-Length:\r\n\r\n",
      "\(ok)Content-Length: 5, 6\r\n\r\n", "\(ok)Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
      "\(ok)Content-Length: 9223372036854775808\r\n\r\n", "\(ok)Transfer-Encoding: gzip\r\n\r\n",
      "\(ok)Transfer-Encoding: gzip, chunked\r\n\r\n", "\(chunks)x\r\n", "\(chunks)\r\n",
      "\(chunks)-5\r\n",
      "\(chunks)5x\r\n", "\(chunks)0x5\r\n", "\(chunks)1000000000000000\r\n", "\(chunks)5\r\nhelloX",
      "\(chunks)0\r\nno colon\r\n\r\n",
      "HTTP/1.10 200 OK\r\n\r\n", "HTTP/1.1\t200 OK\r\n\r\n", "\(ok)no colon\r\n\r\n", "\(ok)X: a\0b\r\n\r\n",
      "\(ok) folded\r\n\r\n", "\(chunks)5\r\nhello5\r\n",
    ])
  func refused(_ answer: String) {
    #expect(Seen.of(answer).isRefused)
  }

  @Test("nothing grows without bound: head, chunk line, trailers")
  func bounds() {
    let long = String(repeating: "x", count: 200_000)
    for start in ["\(ok)X: ", "\(chunks)5;", "\(chunks)0\r\nX: "] {
      let bytes = Array((start + long).utf8)
      for size in [bytes.count, 1_000] {
        let pieces = stride(from: 0, to: bytes.count, by: size).map {
          bytes[$0..<min($0 + size, bytes.count)]
        }
        #expect(Seen(pieces).isRefused)
      }
    }
    let fits = "\(ok)X: " + long.prefix(100_000) + "\r\nContent-Length: 0\r\n\r\n"
    #expect(Seen([Array(fits.utf8)[...]]).end == fits.utf8.count)
  }

  @Test("it is untouched until the first byte comes")
  func untouched() {
    var parser = ReplyParser()
    var position = 0
    #expect(parser.isUntouched)
    _ = parser.step(Array("H".utf8).span, &position)
    #expect(!parser.isUntouched)
  }
}
