/// The sections of an encoding's file, read in place.
///
/// Every number found in them is compared with a bound before it leads anywhere, and every search ends: a damaged
/// file makes wrong counts, nothing else.
@safe
struct TokenTable {
  static let none = UInt32.max
  static let noShort = none >> 5

  private let units: UnsafePointer<UInt32>
  private let records: UnsafePointer<UInt64>
  private let pairs: UnsafePointer<UInt64>
  private let sieve: UnsafePointer<UInt64>
  private let blocks: UnsafePointer<UInt16>
  private let classes: UnsafePointer<UInt8>
  private let shorts: UnsafePointer<UInt32>
  private let words: UnsafePointer<UInt64>
  private let unitCount: Int
  private let tokenCount: Int
  private let classCount: Int
  private let pairShift: UInt64
  private let sieveShift: UInt64
  private let bucketCount: UInt64
  private let wordShift: UInt64

  /// The layout has been found to lie within the bytes at that address, which stay where they are.
  init(at address: UInt, _ layout: TokenFileLayout) {
    let start = unsafe UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped
    unsafe self.units = (start + layout.units.lowerBound).assumingMemoryBound(to: UInt32.self)
    unsafe self.records = (start + layout.records.lowerBound).assumingMemoryBound(to: UInt64.self)
    unsafe self.pairs = (start + layout.pairs.lowerBound).assumingMemoryBound(to: UInt64.self)
    unsafe self.sieve = (start + layout.sieve.lowerBound).assumingMemoryBound(to: UInt64.self)
    unsafe self.blocks = (start + layout.blocks.lowerBound).assumingMemoryBound(to: UInt16.self)
    unsafe self.classes = (start + layout.classes.lowerBound).assumingMemoryBound(to: UInt8.self)
    unsafe self.shorts = (start + layout.shorts.lowerBound).assumingMemoryBound(to: UInt32.self)
    unsafe self.words = (start + layout.words.lowerBound).assumingMemoryBound(to: UInt64.self)
    self.unitCount = layout.units.count / 4
    self.tokenCount = layout.tokenCount
    self.classCount = layout.classes.count
    self.pairShift = UInt64(TokenFileLayout.pairKeyBits - layout.pairBits)
    self.sieveShift = self.pairShift - UInt64(TokenFileLayout.sieveBitsPerPair)
    self.bucketCount = UInt64(layout.words.count / (TokenFileLayout.wordsPerBucket * 8))
    self.wordShift = 8 + UInt64(63 - self.bucketCount.leadingZeroBitCount)
  }

  // MARK: Tokens

  /// The longest token the text goes on with. Every single byte is one.
  @inline(__always)
  func longest(in text: Span<UInt8>, from start: Int, to end: Int) -> (token: UInt32, count: Int) {
    var unit = unsafe self.units[0]
    var index = start
    var ending = -1
    var count = 1
    while index < end {
      let label = UInt32(text[index]) &+ 1
      let place = Int(unit &>> 11 ^ label)
      guard place < self.unitCount else { break }
      let next = unsafe self.units[place]
      guard next & 0x1FF == label else { break }
      index &+= 1
      if next & 0x200 != 0 { return (next &>> 11, index &- start) }
      unit = next
      if next & 0x400 != 0 {
        ending = Int(next &>> 11)
        count = index &- start
      }
    }
    guard ending >= 0, ending < self.unitCount else { return (0, 1) }
    return (unsafe self.units[ending] &>> 11, count)
  }

  /// The token of up to seven bytes that end in no 0; `none` if there is no such token, nil if only the trie knows.
  @inline(__always)
  func word(_ bytes: UInt64) -> UInt32? {
    let mixed = (bytes &* 0x9E37_79B9_7F4A_7C15) &<< 8
    let (bucket, rest) = mixed.multipliedFullWidth(by: self.bucketCount)
    let wanted = rest &>> self.wordShift
    // In bounds: the high half of the product is less than the factor, and there are eight entries a bucket.
    let start = unsafe self.words + Int(truncatingIfNeeded: bucket) &* TokenFileLayout.wordsPerBucket
    let first = unsafe start[0]
    var found = Self.none
    for index in 0..<TokenFileLayout.wordsPerBucket {
      let entry = unsafe start[index] & (.max &>> 1)
      if entry &>> 18 == wanted { found = UInt32(truncatingIfNeeded: entry) & 0x3FFFF }
    }
    return found == Self.none && first &>> 63 == 1 ? nil : found
  }

  /// The token of two bytes, or `noShort`.
  @inline(__always)
  func short(_ first: UInt8, _ second: UInt8) -> UInt32 {
    // In bounds: there is an entry for each two bytes.
    unsafe self.shorts[Int(first) &<< 8 | Int(second)] & Self.noShort
  }

  @inline(__always)
  func short(_ byte: UInt8) -> UInt32 {
    // In bounds: behind those of two bytes there is an entry for each byte.
    unsafe self.shorts[1 &<< 16 | Int(byte)] & Self.noShort
  }

  @inline(__always)
  private func record(_ token: UInt32) -> UInt64 {
    Int(token) < self.tokenCount ? unsafe self.records[Int(token)] : 1 &<< 54
  }

  /// How many bytes the token has.
  @inline(__always)
  func length(_ token: UInt32) -> Int { max(1, Int(self.record(token) &>> 54 & 0xFF)) }

  /// The longest token this one begins with, and its length; none for a single byte.
  @inline(__always)
  func shortened(_ token: UInt32) -> (token: UInt32, count: Int)? {
    let record = self.record(token)
    let shorter = UInt32(truncatingIfNeeded: record &>> 36) & 0x3FFFF
    let count = self.length(shorter)
    return count < Int(record &>> 54 & 0xFF) ? (shorter, count) : nil
  }

  // MARK: Merging

  /// What two neighbours become; `none` when they stay as they are, as most do and the sieve tells.
  @inline(__always)
  func merged(_ left: UInt32, _ right: UInt32) -> UInt32 {
    let mask: UInt64 = 1 &<< UInt64(TokenFileLayout.pairKeyBits) &- 1
    let key = (UInt64(left) &<< 18 | UInt64(right)) &* 0x9E37_79B9_7F4A_7C15 & mask
    let bit = key &>> self.sieveShift
    // In bounds: the sieve has a bit for every key that is shifted so far.
    let isThere = unsafe self.sieve[Int(bit &>> 6)] &>> (bit & 63) & 1 == 1
    return isThere ? self.found(key) : Self.none
  }

  private func found(_ key: UInt64) -> UInt32 {
    var place = Int(key &>> self.pairShift)
    for _ in 0..<TokenFileLayout.maxProbes {
      // In bounds: the shifted key has `pairBits` bits, and there are as many entries more as there are probes.
      let entry = unsafe self.pairs[place]
      if entry &>> 18 >= key {
        return entry &>> 18 == key ? UInt32(truncatingIfNeeded: entry & 0x3FFFF) : Self.none
      }
      place &+= 1
    }
    return Self.none
  }

  /// Whether merging leaves these two side by side.
  ///
  /// Merging is undone step by step on both sides of the boundary, the later step first. Had what then faces each
  /// other been merged before the step just undone, the two would never have come about.
  func mayMeet(_ first: UInt32, _ second: UInt32) -> Bool {
    var left = first
    var right = second
    var limit = Self.none
    // 17 steps undo both sides of any two tokens of these tables; many more can only be damage.
    for _ in 0..<64 {
      if self.merged(left, right) < limit { return false }
      // Bytes are the first 256 tokens.
      if left | right < 256 { return true }
      let isLeft = left > right
      let record = self.record(isLeft ? left : right)
      let part = UInt32(truncatingIfNeeded: record &>> (isLeft ? 18 : 0)) & 0x3FFFF
      limit = isLeft ? left : right &+ 1
      (left, right) = isLeft ? (part, right) : (left, part)
    }
    return true
  }

  // MARK: Characters

  @inline(__always)
  func asciiClass(_ byte: UInt8) -> UInt8 {
    // In bounds: the first block has 128 entries.
    unsafe self.classes[Int(byte & 0x7F)] & 7
  }

  /// The class of the character at `index`, which is within the text, and its length; a byte that belongs to no
  /// character counts as a symbol.
  @inline(__always)
  func character(in text: Span<UInt8>, at index: Int) -> (kind: UInt8, count: Int) {
    let byte = text[index]
    return byte < 0x80 ? (self.asciiClass(byte), 1) : self.foreignCharacter(in: text, at: index)
  }

  func foreignCharacter(in text: Span<UInt8>, at index: Int) -> (kind: UInt8, count: Int) {
    let first = UInt32(text[index])
    let left = text.count &- index
    // Without a loop: a text in another script comes here for each character.
    guard left >= 2, first >= 0xC0, first < 0xF8 else { return (CharacterClass.other, 1) }
    let second = UInt32(text[index &+ 1]) ^ 0x80
    guard first >= 0xE0 else { return self.character((first & 0x1F) &<< 6 | second, of: 2, second) }
    guard left >= 3 else { return (CharacterClass.other, 1) }
    let third = UInt32(text[index &+ 2]) ^ 0x80
    let code = second &<< 6 | third
    guard first >= 0xF0 else { return self.character((first & 0x0F) &<< 12 | code, of: 3, second | third) }
    guard left >= 4 else { return (CharacterClass.other, 1) }
    let fourth = UInt32(text[index &+ 3]) ^ 0x80
    return self.character((first & 0x07) &<< 18 | code &<< 6 | fourth, of: 4, second | third | fourth)
  }

  /// `tails` has a bit above the sixth if one of the bytes behind the first cannot stand there.
  @inline(__always)
  private func character(_ code: UInt32, of count: Int, _ tails: UInt32) -> (kind: UInt8, count: Int) {
    guard tails < 0x40, code < 0x110000 else { return (CharacterClass.other, 1) }
    // In bounds: there are 0x110000 / 128 blocks.
    let block = unsafe Int(self.blocks[Int(code &>> 7)])
    let place = block &<< 7 | Int(code & 0x7F)
    return (place < self.classCount ? unsafe self.classes[place] & 7 : CharacterClass.other, count)
  }
}
