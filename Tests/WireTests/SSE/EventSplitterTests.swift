import Testing
import Wire

/// One event as a test compares it.
private struct Event: Equatable, CustomStringConvertible {
  let name: String
  let data: String
  var description: String { "\(self.name)|\(self.data)" }
}

private func events(_ chunks: [[UInt8]], limit: Int = 1 << 20) throws -> [Event] {
  var splitter = EventSplitter(maxEventBytes: limit)
  var found: [Event] = []
  func drain() throws {
    while try splitter.next() {
      found.append(
        Event(
          name: String(decoding: splitter.name, as: UTF8.self),
          data: String(decoding: splitter.data, as: UTF8.self)))
    }
  }
  for chunk in chunks {
    splitter.append(chunk)
    try drain()
  }
  splitter.finish()
  try drain()
  return found
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct EventSplitterTests {
  private static let vectors: [(String, [Event])] = [
    ("data: a\n\n", [Event(name: "", data: "a")]),
    ("event: x\ndata: a\n\ndata: b\n\n", [Event(name: "x", data: "a"), Event(name: "", data: "b")]),
    ("data:a\r\n\r\ndata: b\r\n\r\n", [Event(name: "", data: "a"), Event(name: "", data: "b")]),
    ("data: a\r\rdata: b\r\r", [Event(name: "", data: "a"), Event(name: "", data: "b")]),
    ("\u{FEFF}data: a\n\n", [Event(name: "", data: "a")]),
    ("\u{FEFF}\u{FEFF}data: a\n\ndata: b\n\n", [Event(name: "", data: "b")]),
    ("data: a\ndata:\ndata:  b\n\n", [Event(name: "", data: "a\n\n b")]),
    (": hello\n\n:\n\ndata: a\n: in between\ndata: b\n\n", [Event(name: "", data: "a\nb")]),
    ("event: ping\n\ndata: a\n\n", [Event(name: "", data: "a")]),
    ("id: 1\nretry: 5\nfoo\ndata\n\n", [Event(name: "", data: "")]),
    ("data: a: b\n\n", [Event(name: "", data: "a: b")]),
    ("data: no blank line", [Event(name: "", data: "no blank line")]),
    ("data: no blank line\n", [Event(name: "", data: "no blank line")]),
    ("\n\n\r\n\rdata: é😀\u{2028}\n\n", [Event(name: "", data: "é😀\u{2028}")]),
    ("event: a\nevent: b\ndata: 1\n\n", [Event(name: "b", data: "1")]),
    ("datax: 1\ndat: 2\nDATA: 3\n\n", []),
    ("", []),
  ]

  @Test(arguments: EventSplitterTests.vectors.indices)
  func anyCutGivesTheSameEvents(_ index: Int) throws {
    let (text, expected) = Self.vectors[index]
    let bytes = Array(text.utf8)
    #expect(try events([bytes]) == expected)
    #expect(try events(bytes.map { [$0] }) == expected)
    for cut in 0...bytes.count {
      #expect(try events([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
    }
    var random = SplitMix(state: 7)
    for _ in 0..<100 {
      var chunks: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Int.random(in: 0...min(rest.count, 9), using: &random)
        chunks.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(try events(chunks) == expected)
    }
  }

  @Test func longStreamsKeepTheirBufferSmallAndTheirEventsWhole() throws {
    let payload = String(repeating: "x", count: 3000)
    let stream = Array((0..<50).map { "data: \($0)\(payload)\n\n" }.joined().utf8)
    let chunks = stride(from: 0, to: stream.count, by: 1777).map {
      Array(stream[$0..<min($0 + 1777, stream.count)])
    }
    #expect(try events(chunks).map(\.data) == (0..<50).map { "\($0)\(payload)" })
  }

  @Test(arguments: [
    "data: " + String(repeating: "x", count: 200), String(repeating: "data: xxxxxxxx\n", count: 20),
    ": " + String(repeating: "x", count: 200),
  ])
  func anEventAboveTheLimitIsAnError(_ text: String) {
    #expect(throws: EventSplitter.Failure.eventTooLarge) { try events([Array(text.utf8)], limit: 100) }
    #expect(throws: EventSplitter.Failure.eventTooLarge) {
      try events(Array(text.utf8).map { [$0] }, limit: 100)
    }
  }

  @Test func writtenEventsAreReadBack() throws {
    var writer = EventWriter()
    writer.begin(event: "message_start")
    let pretty = try JSONDocument("{\r\n \"a\" : \"\\n\" }").root
    writer.json.raw(pretty)
    writer.end()
    writer.comment("ping")
    writer.begin()
    writer.json.beginObject()
    writer.json.endObject()
    writer.end()
    writer.event(data: "[DONE]")
    #expect(
      try events([writer.bytes])
        == [
          Event(name: "message_start", data: "{   \"a\" : \"\\n\" }"), Event(name: "", data: "{}"),
          Event(name: "", data: "[DONE]"),
        ])
  }

  /// A line is too long or it is not, however much of it came at once.
  @Test(arguments: [
    "data: 12345678", "data: 123456789", "data:1234567890123", "data:12345678901234", ": 345678901234",
    ": 3456789012345", "event: 89012345", "event: 890123456", "id: 56789012345",
    "data: 123\ndata: 4567890123",
  ])
  func theLimitDoesNotDependOnCuts(_ text: String) {
    func isTaken(_ chunks: [ArraySlice<UInt8>]) -> Bool {
      var splitter = EventSplitter(maxEventBytes: 14)
      do {
        for chunk in chunks {
          splitter.append(chunk.span)
          while try splitter.next() {}
        }
        return true
      } catch {
        return false
      }
    }
    let bytes = Array("\(text)\n\n".utf8)
    let whole = isTaken([bytes[...]])
    for cut in bytes.indices { #expect(isTaken([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)") }
    #expect(isTaken(bytes.indices.map { bytes[$0...$0] }) == whole)
  }
}
