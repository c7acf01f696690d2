import Inflate
import Testing

/// Bodies as gzip and zstd made them, fed whole and in pieces.
@Suite struct InflaterTests {
  static let text = Array(
    #"{"model":"m-1","messages":[{"role":"user","content":"hello hello hello"}]}"#.utf8)
  static let gzip: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 202, 205, 79, 73, 205, 81, 178, 82, 202, 213, 53, 84, 210, 81,
    202, 77, 45, 46, 78, 76, 79, 45, 86, 178, 138, 174, 86, 42, 202, 207, 73, 5, 202, 148, 22, 167, 22, 1,
    165, 146, 243, 243, 74, 82, 243, 74, 128, 2, 25, 169, 57, 57, 249, 10, 72, 164, 82, 109, 108, 45, 0, 122,
    221, 4, 159, 74, 0, 0, 0,
  ]
  static let zstd: [UInt8] = [
    40, 181, 47, 253, 36, 74, 237, 1, 0, 242, 3, 13, 17, 176, 235, 167, 93, 63, 17, 198, 54, 217, 240, 165,
    160, 112, 160, 65, 82, 156, 177, 196, 3, 222, 85, 245, 188, 99, 234, 24, 159, 135, 55, 237, 247, 188, 46,
    183, 67, 146, 111, 77, 166, 91, 215, 195, 135, 88, 207, 175, 34, 94, 135, 1, 1, 0, 27, 163, 64, 1, 10,
    151,
    5, 166,
  ]
  static let samples: [(ContentCoding, [UInt8])] = [(.gzip, gzip), (.zstd, zstd)]

  static func decode(
    _ coding: ContentCoding, _ pieces: [ArraySlice<UInt8>], limit: Int = 1_000_000
  ) throws -> [UInt8] {
    let inflater = try #require(Inflater(coding, limit: limit))
    var body: [UInt8] = []
    for piece in pieces { try inflater.feed(Array(piece).span, into: &body) }
    try inflater.finish()
    return body
  }

  @Test("whole, byte by byte and at every cut in two", arguments: samples)
  func pieces(_ coding: ContentCoding, _ bytes: [UInt8]) throws {
    #expect(try Self.decode(coding, [bytes[...]]) == Self.text)
    #expect(try Self.decode(coding, bytes.indices.map { bytes[$0...$0] }) == Self.text)
    for cut in bytes.indices {
      #expect(try Self.decode(coding, [bytes[..<cut], bytes[cut...]]) == Self.text)
    }
  }

  @Test("in slices too, whatever their length", arguments: samples)
  func slices(_ coding: ContentCoding, _ bytes: [UInt8]) throws {
    for slice in [1, 7, Self.text.count, 1000] {
      let inflater = try #require(Inflater(coding, limit: 1_000_000))
      let all = bytes + bytes
      var body: [UInt8] = []
      var taken = 0
      var hasMore = true
      while hasMore {
        let step = try inflater.feed(all.span.extracting(taken..<all.count), into: &body, slice: slice)
        (taken, hasMore) = (taken + step.taken, step.hasMore)
        #expect(!hasMore || body.count >= slice)
      }
      try inflater.finish()
      #expect((taken, body) == (all.count, Self.text + Self.text))
    }
  }

  @Test("a few bytes that stand for very many are decoded a slice at a time")
  func bomb() throws {
    // A zstd frame of 64 blocks of 128 KiB, each one byte repeated.
    let count = 64 << 17
    var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x80, 0x68]
    frame += (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    for block in 0..<64 {
      let header = 1 << 20 | 1 << 1 | (block == 63 ? 1 : 0)
      frame += [UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16), UInt8(ascii: "x")]
    }
    let inflater = try #require(Inflater(.zstd, limit: count))
    var body: [UInt8] = []
    var taken = 0
    var slices = 0
    var hasMore = true
    while hasMore {
      let before = body.count
      let step = try inflater.feed(frame.span.extracting(taken..<frame.count), into: &body, slice: 1 << 18)
      (taken, hasMore) = (taken + step.taken, step.hasMore)
      slices += 1
      #expect(body.count - before <= (1 << 18) + (1 << 17))
    }
    try inflater.finish()
    #expect(slices >= 28)
    #expect(body.count == count)
  }

  @Test("several members or frames one after the other are one body", arguments: samples)
  func members(_ coding: ContentCoding, _ bytes: [UInt8]) throws {
    #expect(try Self.decode(coding, [(bytes + bytes)[...]]) == Self.text + Self.text)
    #expect(try Self.decode(coding, [bytes[...], bytes[...]]) == Self.text + Self.text)
  }

  @Test("a body of the limit passes and one byte more does not", arguments: samples)
  func limit(_ coding: ContentCoding, _ bytes: [UInt8]) throws {
    #expect(try Self.decode(coding, [bytes[...]], limit: Self.text.count) == Self.text)
    #expect(throws: InflateFault.tooLarge) {
      try Self.decode(coding, [bytes[...]], limit: Self.text.count - 1)
    }
    #expect(throws: InflateFault.tooLarge) { try Self.decode(coding, [bytes[...]], limit: 0) }
  }

  @Test("what is cut short is damaged, wherever", arguments: samples)
  func truncation(_ coding: ContentCoding, _ bytes: [UInt8]) {
    for cut in 1..<bytes.count {
      #expect(throws: InflateFault.damaged) { try Self.decode(coding, [bytes[..<cut]]) }
    }
  }

  @Test("what follows the end and is no member is damaged", arguments: samples)
  func trailing(_ coding: ContentCoding, _ bytes: [UInt8]) {
    #expect(throws: InflateFault.damaged) { try Self.decode(coding, [(bytes + [1, 2, 3, 4, 5])[...]]) }
  }

  @Test("no bit can be turned and the text still be another one", arguments: samples)
  func damage(_ coding: ContentCoding, _ bytes: [UInt8]) {
    for index in bytes.indices {
      for bit in 0..<8 {
        var turned = bytes
        turned[index] ^= 1 << UInt8(bit)
        let body = try? Self.decode(coding, [turned[...]])
        #expect(body == nil || body == Self.text, "byte \(index), bit \(bit)")
      }
    }
  }

  @Test("one coding does not read the other")
  func confusion() {
    #expect(throws: InflateFault.damaged) { try Self.decode(.gzip, [Self.zstd[...]]) }
    #expect(throws: InflateFault.damaged) { try Self.decode(.zstd, [Self.gzip[...]]) }
  }

  @Test("nothing at all is an empty body")
  func nothing() throws {
    #expect(try Self.decode(.gzip, []) == [])
    #expect(try Self.decode(.zstd, [[]]) == [])
  }

  @Test("a zstd window above 8 MiB is refused")
  func window() {
    // Frame header with a window descriptor of 2^27 bytes and one raw block of one byte.
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x09, 0x00, 0x00, 0x61]
    #expect(throws: InflateFault.damaged) { try Self.decode(.zstd, [frame[...]]) }
    let small: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x68, 0x09, 0x00, 0x00, 0x61]
    #expect((try? Self.decode(.zstd, [small[...]])) == [0x61])
  }
}

@Suite struct ContentCodingTests {
  @Test(
    "one coding is understood, in any case",
    arguments: [
      ("gzip", ContentCoding.gzip), ("x-gzip", .gzip), ("GZip", .gzip), (" zstd ", .zstd), ("identity", nil),
      ("", nil), ("identity, gzip", .gzip), (",", nil),
    ] as [(String, ContentCoding?)])
  func one(_ value: String, _ coding: ContentCoding?) throws {
    #expect(try ContentCoding.named(by: [value]) == coding)
  }

  @Test(
    "others, and more than one, are not", arguments: ["br", "deflate", "gzip, zstd", "gzip gzip", "gzip;q=1"])
  func others(_ value: String) {
    #expect(throws: InflateFault.unknownCoding) { try ContentCoding.named(by: [value]) }
  }

  @Test("two fields are two codings")
  func fields() throws {
    #expect(throws: InflateFault.unknownCoding) { try ContentCoding.named(by: ["gzip", "gzip"]) }
    #expect(try ContentCoding.named(by: []) == nil)
  }
}
