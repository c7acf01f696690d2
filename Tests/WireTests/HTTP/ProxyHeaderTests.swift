import Testing
import Wire

/// PROXY headers of both versions, in one piece and byte by byte.
@Suite struct ProxyHeaderTests {
  static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]
  static let fourth: [UInt8] =
    signature + [0x21, 0x11, 0, 12, 192, 0, 2, 1, 127, 0, 0, 1, 0x1F, 0x90, 0, 80]
  static let sixth: [UInt8] =
    signature + [0x21, 0x21, 0, 36] + [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [
      1
    ]
    + Array(repeating: 0, count: 15) + [1] + [0x1F, 0x90, 0, 80]

  /// `HOST PORT`, `nobody`, `STATUS` or `more`, and what is left in the queue.
  static func read(
    _ bytes: [UInt8], _ versions: ProxyHeader.Versions = .either, byByte: Bool = false
  ) -> (String, [UInt8]) {
    let header = ProxyHeader(versions)
    var input = ByteQueue()
    var word = "more"
    for piece in byByte ? bytes.map({ [$0] }) : [bytes] {
      input.append(piece)
      guard word == "more" else { continue }
      switch header.advance(&input) {
      case .needsMore: break
      case .complete(let address): word = address.map { "\($0.host) \($0.port)" } ?? "nobody"
      case .refused(let fault): word = "\(fault.status)"
      }
    }
    var left: [UInt8] = []
    for index in input.span.indices { left.append(input.span[index]) }
    return (word, left)
  }

  static let cases: [(bytes: [UInt8], word: String)] = [
    (Array("PROXY TCP4 192.0.2.1 127.0.0.1 8080 80\r\n".utf8), "192.0.2.1 8080"),
    (Array("PROXY TCP6 2001:db8::1 ::1 8080 80\r\n".utf8), "2001:db8::1 8080"),
    (Array("PROXY UNKNOWN\r\n".utf8), "nobody"),
    (Array("PROXY UNKNOWN anything at all\r\n".utf8), "nobody"),
    (fourth, "192.0.2.1 8080"),
    (sixth, "2001:db8:0:0:0:0:0:1 8080"),
    (signature + [0x20, 0, 0, 0], "nobody"),
    (signature + [0x20, 0x11, 0, 3, 1, 2, 3], "nobody"),
    (signature + [0x21, 0, 0, 0], "nobody"),
  ]

  @Test("what is valid is taken, and nothing behind it", arguments: cases)
  func valid(_ bytes: [UInt8], _ word: String) {
    let rest = Array("GET / HTTP/1.1\r\n".utf8)
    #expect(Self.read(bytes + rest) == (word, rest))
    #expect(Self.read(bytes + rest, byByte: true) == (word, rest))
    for end in bytes.indices { #expect(Self.read(Array(bytes[..<end])).0 == "more") }
  }

  @Test(
    "what is not is refused",
    arguments: [
      "GET / HTTP/1.1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 80\r\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 80 65536\r\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 080 80\r\n", "PROXY TCP4 ::1 1.2.3.4 80 80\r\n",
      "PROXY TCP6 1.2.3.4 ::1 80 80\r\n",
      "PROXY TCP4  1.2.3.4 1.2.3.4 80 80\r\n", "PROXY UDP4 1.2.3.4 1.2.3.4 80 80\r\n", "PROXY \r\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 80 80\n", "PROXYTCP4", "proxy TCP4 1.2.3.4 1.2.3.4 80 80\r\n",
      "PROXY UNKNOWN " + String(repeating: "x", count: 100), "\r\nGET /",
    ])
  func invalid(_ text: String) {
    #expect(Self.read(Array(text.utf8)).0 == "400")
  }

  @Test("other commands, families, protocols and lengths of a block are refused")
  func invalidBlocks() {
    for (command, family, length) in [
      (0x11, 0x11, 12), (0x22, 0x11, 12), (0x21, 0x12, 12), (0x21, 0x31, 216), (0x21, 0x11, 11),
      (0x21, 0x21, 35),
      (0x21, 0x10, 12), (0x20, 0x11, 4097),
    ] as [(UInt8, UInt8, Int)] {
      let block = Self.signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)]
      #expect(
        Self.read(block + Array(repeating: 0, count: length)).0 == "400",
        "\(command) \(family) \(length)")
    }
  }

  @Test("only the version that is expected is taken")
  func versions() {
    #expect(Self.read(Self.fourth, .first).0 == "400")
    #expect(Self.read(Self.cases[0].bytes, .second).0 == "400")
    #expect(Self.read(Self.fourth, .second).0 == "192.0.2.1 8080")
    #expect(Self.read(Self.cases[0].bytes, .first).0 == "192.0.2.1 8080")
  }
}
