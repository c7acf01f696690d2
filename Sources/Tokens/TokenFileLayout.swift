/// Where the sections of an encoding's file are: `Data/README.md` describes them.
struct TokenFileLayout: Sendable {
  static let magic: StaticString = "cptokens"
  static let version = 3
  static let pairKeyBits = 36
  /// How far from its place a pair may be, and how many entries there are behind the last place.
  static let maxProbes = 64
  /// How many bits of the sieve there are for a place of a pair, as a power of two.
  static let sieveBitsPerPair = 3

  /// A token of each two bytes, then of each byte.
  static let shortCount = (1 << 16) + 256
  static let wordsPerBucket = 8
  private static let wordBuckets = (1 << 11)..<(1 << 20)

  private static let tableOffset = 72

  let name: EncodingName
  let tokenCount: Int
  let units: Range<Int>
  let records: Range<Int>
  let pairs: Range<Int>
  let blocks: Range<Int>
  let classes: Range<Int>
  let specials: Range<Int>
  let sieve: Range<Int>
  let shorts: Range<Int>
  let words: Range<Int>
  let pairBits: Int

  /// Judges the layout without looking at what is in the sections.
  init(_ bytes: RawSpan) throws(VocabularyFault) {
    guard bytes.byteCount >= 4096 else { throw .notTokens }
    for (index, byte) in Self.text(Self.magic).enumerated() where Self.byte(bytes, index) != byte {
      throw .notTokens
    }
    let version = Self.number(bytes, at: 8, bytes: 4)
    guard version == Self.version else { throw .version(version) }
    let name = (16..<32).map { Self.byte(bytes, $0) }.prefix { $0 != 0 }
    guard let name = EncodingName(rawValue: String(decoding: name, as: UTF8.self)) else { throw .notTokens }
    guard Self.number(bytes, at: 64, bytes: 8) == bytes.byteCount else { throw .damaged }

    self.name = name
    self.tokenCount = Self.number(bytes, at: 12, bytes: 4)
    self.units = try Self.section(0, of: bytes, stride: 4)
    self.records = try Self.section(1, of: bytes, stride: 8)
    self.pairs = try Self.section(2, of: bytes, stride: 8)
    self.blocks = try Self.section(3, of: bytes, stride: 2)
    self.classes = try Self.section(4, of: bytes, stride: 128)
    self.specials = try Self.section(5, of: bytes, stride: 4)
    self.sieve = try Self.section(6, of: bytes, stride: 8)
    self.shorts = try Self.section(7, of: bytes, stride: 4)
    self.words = try Self.section(8, of: bytes, stride: Self.wordsPerBucket * 8)
    self.pairBits = Self.bits(self.tokenCount &- 256)
    guard self.tokenCount >= 256, self.tokenCount < 1 << 18, self.records.count == self.tokenCount * 8,
      !self.units.isEmpty, self.blocks.count == 0x110000 / 128 * 2, !self.classes.isEmpty,
      self.pairs.count / 8 >= (1 << self.pairBits) + Self.maxProbes,
      self.sieve.count == max(8, 1 << (self.pairBits + Self.sieveBitsPerPair - 3)),
      self.shorts.count == Self.shortCount * 4,
      Self.wordBuckets.contains(self.words.count / (Self.wordsPerBucket * 8))
    else { throw .damaged }
  }

  /// How many bits count up to that many things.
  private static func bits(_ count: Int) -> Int {
    count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
  }

  private static func section(
    _ index: Int, of bytes: RawSpan, stride: Int
  ) throws(VocabularyFault) -> Range<Int> {
    let start = self.number(bytes, at: self.tableOffset + index * 16, bytes: 8)
    let count = self.number(bytes, at: self.tableOffset + index * 16 + 8, bytes: 8)
    guard start >= 0, start % 64 == 0, count >= 0, start <= bytes.byteCount, count <= bytes.byteCount - start,
      count % stride == 0
    else { throw .damaged }
    return start..<(start + count)
  }

  private static func text(_ text: StaticString) -> [UInt8] { Array(text.description.utf8) }

  static func byte(_ bytes: RawSpan, _ offset: Int) -> UInt8 {
    unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// A little-endian number; one that does not fit is -1.
  static func number(_ bytes: RawSpan, at offset: Int, bytes count: Int) -> Int {
    var value: UInt64 = 0
    for index in (0..<count).reversed() { value = value << 8 | UInt64(self.byte(bytes, offset + index)) }
    return Int(exactly: value) ?? -1
  }
}
