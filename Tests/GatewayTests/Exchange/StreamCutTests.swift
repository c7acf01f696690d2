import Gateway
import Testing
import Wire

/// Event streams cut and broken at every byte.
@Suite struct StreamCutTests {
  static let streams: [String] = [
    "data: a\n\nevent: x\ndata: b\n\n: comment\n\ndata: c\ndata: d\n\n",
    "data: a\r\n\r\nevent: x\r\ndata: b\r\n\r\ndata: c\r\n\r\n",
    "data: a\r\revent: x\rdata: b\r\rdata: c\r\r",
    "\u{FEFF}data: \u{1F600}\n\r\ndata: b\r\n\ndata: c\r\rdata: d\n\rdata: e\r\n\r\n",
    "\n\n\ndata: a\n\n\n\r\n\rdata: b\n\nid: 1\nretry: 5\n\ndata\n\n",
    "data: unfinished\r\ndata: still",
  ]

  /// The blocks of a stream that an empty line ends, with every line end written as LF.
  private static func blocks(_ bytes: some Collection<UInt8>) -> [String] {
    var lines: [[UInt8]] = [[]]
    var wasReturn = false
    for byte in bytes {
      if byte == 0x0D || byte == 0x0A && !wasReturn { lines.append([]) }
      if byte != 0x0D && byte != 0x0A { lines[lines.count - 1].append(byte) }
      wasReturn = byte == 0x0D
    }
    var blocks: [String] = []
    var block: [String] = []
    for line in lines.dropLast() {
      if !line.isEmpty {
        block.append(String(decoding: line, as: UTF8.self))
      } else if !block.isEmpty {
        blocks.append(block.joined(separator: "\n"))
        block = []
      }
    }
    return blocks
  }

  private static func run(_ pieces: [ArraySlice<UInt8>]) throws -> ExchangeRun {
    let run = ExchangeRun(.anthropic)
    try run.head(200, [("content-type", "text/event-stream")])
    for piece in pieces { run.bytes(piece) }
    return run
  }

  @Test(
    "however a stream is cut into pieces, its client gets the same bytes",
    arguments: 0..<StreamCutTests.streams.count)
  func cuts(_ row: Int) throws {
    let stream = Array(Self.streams[row].utf8)
    var ways = (0...stream.count).map { [stream[..<$0], stream[$0...]] }
    ways.append(stream.indices.map { stream[$0...$0] })
    var random = SeededRandom(state: 11)
    for _ in 0..<100 {
      let cuts = ([0, stream.count] + (0..<4).map { _ in Int.random(in: 0...stream.count, using: &random) })
        .sorted()
      ways.append(zip(cuts, cuts.dropFirst()).map { stream[$0..<$1] })
    }
    for pieces in ways {
      let run = try Self.run(pieces)
      #expect(run.finish() == .complete)
      #expect(run.reply?.body == stream)
      #expect(run.reply?.isWhole == true && run.relayedBytes == stream.count)
    }
  }

  @Test(
    "a break at any byte leaves the whole events before it and one error",
    arguments: 0..<StreamCutTests.streams.count)
  func breaks(_ row: Int) throws {
    let stream = Array(Self.streams[row].utf8)
    let error = ErrorReply.idleTimeout
    let frame = Self.blocks(error.frame(for: .anthropic, requestName: "req_1"))
    #expect(frame.count == 1)
    for end in 0...stream.count {
      let prefix = stream[..<end]
      for pieces in [[prefix], prefix.indices.map { prefix[$0...$0] }] {
        let run = try Self.run(pieces)
        #expect(run.fail(error) == .breakOff)
        let body = try #require(run.reply?.body)
        #expect(Self.blocks(body) == Self.blocks(prefix) + frame, "at \(end)")
        #expect(run.reply?.isWhole == false)
      }
    }
  }

  @Test("an event too long to hold flows, and a break within it is still followed by one frame of its own")
  func hugeEvent() throws {
    let huge = Array("data: ".utf8) + [UInt8](repeating: 0x61, count: 300 * 1024)
    let stream = Array("data: first\n\n".utf8) + huge
    let frame = ErrorReply.idleTimeout.frame(for: .anthropic, requestName: "req_1")
    for size in [1_000, 16_384, stream.count] {
      let pieces = stride(from: 0, to: stream.count, by: size).map {
        stream[$0..<min($0 + size, stream.count)]
      }
      let run = try Self.run(pieces)
      #expect(run.relayedBytes > 256 * 1024)
      #expect(run.fail(.idleTimeout) == .breakOff)
      let blocks = Self.blocks(try #require(run.reply?.body))
      #expect(blocks.count == 3 && blocks.first == "data: first" && blocks.last == Self.blocks(frame).first)
      let whole = try Self.run(pieces + [Array("\n\ndata: last\n\ndata: half".utf8)[...]])
      #expect(whole.fail(.idleTimeout) == .breakOff)
      #expect(Self.blocks(try #require(whole.reply?.body)).map(\.count).dropLast() == [11, huge.count, 10])
    }
  }

  @Test("an event that trickles in byte by byte costs no more than its length")
  func trickle() throws {
    let run = try Self.run([])
    let clock = ContinuousClock()
    let spent = clock.measure {
      for _ in 0..<200_000 { run.bytes(CollectionOfOne(0x61)) }
    }
    // Searched from its beginning each time it takes minutes.
    #expect(spent < .seconds(20))
    run.bytes("\n\n")
    #expect(run.relayedBytes == 200_002)
  }

  @Test(
    "whole events end with an empty line of any kind",
    arguments: [
      ("", 0), ("\n", 0), ("a", 0), ("a\n", 0), ("a\r\n", 0), ("a\r", 0), ("a\n\n", 3), ("a\r\n\r\n", 5),
      ("a\r\r", 3),
      ("a\n\r", 3), ("a\n\r\n", 4), ("a\r\n\n", 4), ("a\r\n\r", 4), ("a\n\nb", 3), ("a\n\nb\n", 3),
      ("a\n\nb\n\n", 6),
      ("a\r\n\r\nb\r\n", 5), ("a\r\n\r\nb\r", 5), ("\n\n", 2), ("\r\n\r\n", 4), ("\r\n", 0), ("\n\n\n", 3),
    ])
  func boundary(_ text: String, _ count: Int) {
    let bytes = Array(text.utf8)
    let found = EventBoundary.wholeEvents(in: bytes.span)
    #expect(found == count)
    // Told how much was searched before, it finds the same.
    for searched in 0...bytes.count {
      guard EventBoundary.wholeEvents(in: bytes.span.extracting(0..<searched)) == 0 else { continue }
      let later = EventBoundary.wholeEvents(in: bytes.span, from: searched)
      #expect(later == count, "from \(searched)")
    }
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var value = self.state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
