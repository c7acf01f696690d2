import Testing

@testable import Tokens

/// The two ways to merge a piece must agree, and so must the two ways to find a token.
@Suite struct DirectPieceTests {
  private func direct(_ bytes: [UInt8], _ table: TokenTable) -> [UInt32] {
    let piece = DirectPiece(bytes.span, from: 0, to: bytes.count, table)
    var row = [UInt32](repeating: 0, count: DirectPiece.maxBytes)
    var span = row.mutableSpan
    piece.list(into: &span, at: 0)
    return Array(row.prefix(piece.count))
  }

  private func long(_ bytes: [UInt8], _ table: TokenTable) -> [UInt32] {
    var piece = LongPiece()
    piece.begin(bytes.span, from: 0, to: bytes.count, table)
    var steps = 1_000_000
    return piece.advance(bytes.span, table, steps: &steps) ? piece.tokens : []
  }

  @Test("pair by pair and longest first come to the same tokens", arguments: EncodingName.allCases)
  func merging(name: EncodingName) throws {
    let vocabulary = try Tables.vocabulary(name)
    defer { withExtendedLifetime(vocabulary) {} }
    let alphabets: [[UInt8]] = [
      Array("etaoinshrdlu".utf8), Array("ab".utf8), Array(" \n\t=-_".utf8), Array("日本語テキスト中文".utf8),
      Array("straßeдомпривет".utf8), Array(UInt8.min...UInt8.max), [0], [0x20, 0],
    ]
    var generator = SystemRandomNumberGenerator()
    for round in 0..<3000 {
      let alphabet = alphabets[round % alphabets.count]
      let count = Int.random(in: 1...DirectPiece.maxBytes, using: &generator)
      let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
      let (one, other) = (self.direct(bytes, vocabulary.table), self.long(bytes, vocabulary.table))
      if one != other { Issue.record("\(bytes): \(one), not \(other)") }
    }
  }

  @Test("a short word is the token that the trie says it is, or none", arguments: EncodingName.allCases)
  func words(name: EncodingName) throws {
    let vocabulary = try Tables.vocabulary(name)
    // The table is only valid as long as the vocabulary.
    defer { withExtendedLifetime(vocabulary) {} }
    let table = vocabulary.table
    var generator = SystemRandomNumberGenerator()
    var (known, unsaid, none) = (0, 0, 0)
    let alphabet = Array("etaoinshrdluETA 01_é中".utf8)
    for _ in 0..<20_000 {
      let count = Int.random(in: 1...7, using: &generator)
      let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
      let whole = table.longest(in: bytes.span, from: 0, to: count)
      let wanted = whole.count == count ? whole.token : TokenTable.none
      let key = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      switch table.word(key) {
      case nil: unsaid += 1
      case wanted?:
        if wanted == TokenTable.none { none += 1 } else { known += 1 }
      case let other?: Issue.record("\(bytes): \(other), not \(wanted)")
      }
    }
    #expect(known > 2000 && none > 2000 && unsaid < 5000, "\(known), \(none), \(unsaid)")
  }
}
