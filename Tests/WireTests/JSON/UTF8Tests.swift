import Testing
import Wire

/// Malformed text is found wherever it stands, and nothing else is.
@Suite struct UTF8Tests {
  /// Where the standard library sees the first fault.
  private static func fault(in bytes: [UInt8]) -> Int? {
    var parser = Unicode.UTF8.ForwardParser()
    var source = bytes.makeIterator()
    var place = 0
    while true {
      switch parser.parseScalar(from: &source) {
      case .valid(let scalar): place += scalar.count
      case .emptyInput: return nil
      case .error: return place
      }
    }
  }

  private func check(_ content: [UInt8]) {
    let text = [0x22] + content + [0x22]
    let expected = Self.fault(in: text)
    do {
      _ = try JSONDocument(text)
      #expect(expected == nil, "\(content)")
    } catch {
      #expect(error.reason == .badUTF8 && error.offset == expected, "\(content)")
    }
  }

  private static let edges: [UInt8] = [
    0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
    0xEF,
    0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
  ]

  @Test func everyPairAndTripleOfEdgesIsJudgedAsTheStandardSays() {
    for first in Self.edges {
      for second in Self.edges {
        for third in Self.edges {
          self.check([0x78, 0x78, 0x78, 0x78, 0x78, 0x78, 0x78, 0x78, first, second, third, 0x78, 0x78])
          if first > 0xE0 { self.check([0x78, 0x78, 0x78, 0x78, 0x78, first, second, third, 0x80, 0x78]) }
        }
      }
    }
  }

  /// Around the places where words and blocks end.
  @Test(arguments: [
    Array("é".utf8), Array("漢".utf8), Array("👍".utf8), [0xC3], [0xE6, 0xBC], [0xF0, 0x9F, 0x91],
  ])
  func thePlaceInTheTextDoesNotMatter(_ sequence: [UInt8]) {
    for length in [0, 1, 2, 3, 7, 8, 9, 500, 1020, 1030] {
      for place in Array(0...min(length, 20)) + Array(max(0, length - 530)...length) where place <= length {
        var content = [UInt8](repeating: 0x61, count: length)
        content.insert(contentsOf: sequence, at: place)
        self.check(content)
      }
    }
  }

  @Test func randomTextsAreJudgedAsTheStandardLibraryDoes() {
    var random = Seeded(state: 7)
    for _ in 0..<2000 {
      var content: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<300, using: &random) {
        content += Array((["a", "é", "漢", "👍"].randomElement(using: &random) ?? "").utf8)
      }
      if Bool.random(using: &random), let place = content.indices.randomElement(using: &random) {
        let byte = Self.edges.randomElement(using: &random) ?? 0
        content[place] = byte == 0x7F ? 0x61 : byte
      }
      self.check(content)
    }
  }

  @Test func whicheverFaultComesFirstIsReported() {
    let texts: [([UInt8], JSONError.Reason)] = [
      ([0x22, 0xFF, 0x01, 0x22], .badUTF8), ([0x22, 0x01, 0xFF, 0x22], .controlCharacter),
      (Array("[\"".utf8) + [0xC3] + Array("\",]".utf8), .badUTF8),
      (Array("[,\"".utf8) + [0xC3] + Array("\"]".utf8), .unexpectedByte),
      ([0x22, 0xC3], .badUTF8), ([0x22, 0x61], .unexpectedEnd),
    ]
    for (text, reason) in texts {
      #expect { try JSONDocument(text) } throws: { ($0 as? JSONError)?.reason == reason }
    }
  }
}

/// The same numbers in every run.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
