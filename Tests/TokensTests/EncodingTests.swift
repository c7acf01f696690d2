import Testing

@testable import Tokens

/// The expected tokens are those of PyPI's tiktoken.
@Suite struct EncodingTests {
  static let cases: [(String, [UInt32], [UInt32])] = [
    ("", [], []),
    ("hello world", [15339, 1917], [24912, 2375]),
    (
      "  two  spaces \n\n\tand a tab\r\n", [220, 1403, 220, 12908, 4815, 53577, 264, 5769, 319],
      [220, 1920, 220, 18608, 1202, 128995, 261, 6842, 370]
    ),
    (
      "don't WON'T 'S \u{17f}'s", [15357, 956, 98467, 17773, 364, 50, 27006, 123, 596],
      [91418, 147667, 51532, 461, 50, 20757, 123, 885]
    ),
    (
      "1234567 \u{bd}\u{663}", [4513, 10961, 22, 220, 27154, 149, 96], [7633, 19354, 22, 220, 27124, 81473]
    ),
    (
      "naïve Straße ΑΒΓαβγ",
      [3458, 38672, 588, 27745, 24352, 8008, 239, 138, 240, 138, 241, 19481, 52355, 60474],
      [1503, 9954, 737, 71184, 17495, 35144, 23628, 727, 6331, 2728]
    ),
    (
      "日本語のテキスト", [9080, 22656, 45918, 252, 16144, 57933, 62903, 71634],
      [9048, 40909, 3385, 16056, 18368, 38236]
    ),
    (
      "🎉👍🏽\u{200d}👩", [9468, 236, 231, 9468, 239, 235, 9468, 237, 121, 378, 235, 9468, 239, 102],
      [71344, 231, 82514, 52622, 121, 2524, 28823, 102]
    ),
    (
      "a\u{301}e\u{300} \u{301}x", [64, 54939, 68, 97649, 220, 54939, 87],
      [64, 13430, 68, 23168, 220, 13430, 87]
    ),
    (
      "if (x != y) {\n    return x // y\n}\n",
      [333, 320, 87, 976, 379, 8, 341, 262, 471, 865, 443, 379, 198, 534],
      [366, 350, 87, 1666, 342, 8, 405, 271, 622, 1215, 602, 342, 198, 739]
    ),
    ("   \n  ", [5996, 256], [10190, 256]),
    (
      "ABCdef GHI\u{2b0}JK", [26484, 755, 480, 24860, 134, 108, 35170],
      [44197, 1314, 499, 36525, 134, 108, 54230]
    ),
    ("<|endoftext|>", [27, 91, 8862, 728, 428, 91, 29], [27, 91, 419, 1440, 919, 91, 29]),
  ]

  @Test("the tokens of a text are tiktoken's", arguments: Self.cases)
  func tokens(text: String, old: [UInt32], new: [UInt32]) throws {
    let bytes = Array(text.utf8)
    #expect(TokenScratch(try Tables.vocabulary(.cl100k)).encode(bytes.span) == old)
    #expect(TokenScratch(try Tables.vocabulary(.o200k)).encode(bytes.span) == new)
  }

  @Test("special tokens stand where their texts do")
  func specials() throws {
    let text = Array("a<|endoftext|> b<|fim_prefix|>".utf8)
    #expect(
      TokenScratch(try Tables.vocabulary(.cl100k)).encodeWithSpecials(text.span) == [64, 100257, 293, 100258])
    let new = TokenScratch(try Tables.vocabulary(.o200k)).encodeWithSpecials(text.span)
    #expect(new == [64, 199999, 287, 27, 91, 103473, 33197, 91, 29])
  }

  @Test("a text counted in slices of any length is counted the same", arguments: EncodingName.allCases)
  func slices(name: EncodingName) throws {
    let scratch = TokenScratch(try Tables.vocabulary(name))
    let parts =
      Self.cases.map(\.0) + [String(repeating: "abcß", count: 90), String(repeating: " \t", count: 70)]
    let text = Array((parts + parts.reversed()).joined(separator: " ").utf8)
    let tokens = scratch.encode(text.span)
    let whole = tokens.count
    #expect(scratch.encode(text.span) == tokens, "with all pieces remembered")
    #expect(scratch.count(text.span) == whole)
    #expect(scratch.count(text.span) == whole, "with all pieces remembered")
    for slice in [1, 2, 3, 7, 64, 1000] {
      var counting = TextCounting(name)
      var turns = 0
      while turns < 100_000 {
        var budget = slice
        turns += 1
        if counting.advance(text.span, budget: &budget, scratch) { break }
      }
      #expect(counting.tokens == whole, "slices of \(slice)")
    }
  }

  @Test("bytes that are no UTF-8 are counted without a trap", arguments: EncodingName.allCases)
  func malformed(name: EncodingName) throws {
    let scratch = TokenScratch(try Tables.vocabulary(name))
    for text: [UInt8] in [
      [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x8E], [0x80, 0x41], [0xF8, 1, 2, 3, 4],
    ] {
      let count = scratch.count(text.span)
      #expect(count >= 1 && count <= text.count)
    }
  }

  @Test("a run of a million has the tokens of its pieces, and one step of its counting is bounded")
  func longRun() throws {
    let scratch = TokenScratch(try Tables.vocabulary(.cl100k))
    let text = [UInt8](repeating: 0x61, count: 1_000_000)
    var counting = TextCounting(.cl100k)
    var turns = 0
    while turns < 1000 {
      var budget = 16384
      turns += 1
      if counting.advance(text.span, budget: &budget, scratch) { break }
    }
    #expect(counting.tokens == 125_000)
    #expect(turns > 61)
  }

  @Test(
    "a model has the encoding its vendor gave it, any other the older one",
    arguments: [
      ("gpt-4o-mini", EncodingName.o200k), ("openai/gpt-5", .o200k), ("O3-mini", .o200k), ("gpt-4", .cl100k),
      ("gpt-4-turbo", .cl100k), ("claude-opus-4-5", .cl100k), ("", .cl100k),
      ("deepseek/deepseek-chat", .cl100k),
    ])
  func models(model: String, encoding: EncodingName) {
    #expect(EncodingName(model: model) == encoding)
  }
}
