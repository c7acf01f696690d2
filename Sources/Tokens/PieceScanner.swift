/// Cuts a text into the pieces that are merged by themselves, as the regular expression of the encoding would.
///
/// A piece may be as long as the text: `next` looks at no more than it is allowed to and goes on from there. Within
/// a piece every character is looked at once, and at most twice in all.
///
/// The alternatives of `cl100k_base`, in order: `'` with s, d, m, t, ll, ve or re in any case · letters, after one
/// character that is neither letter, number nor line break · one to three numbers · symbols, after one space and
/// before line breaks · blanks up to the end of the text · blanks up to a line break · blanks without the last one
/// if something else follows · one blank. `o200k_base` has words of a small and a capital part that contain marks
/// and end in the suffixes, also has `/` among the line breaks after symbols, and knows no blanks up to the end
/// before those up to a line break.
struct PieceScanner {
  private enum Stage {
    case fresh
    case letters
    case capitals
    case smalls
    case symbols
    case tail
    case blanks
  }

  /// The piece that is being looked for begins here.
  private(set) var start = 0
  private var index = 0
  private var stage = Stage.fresh
  /// In blanks, the end of the last line break; in capitals, the end of the last character without case. 0 is none.
  private var landmark = 0
  /// In blanks, where the last character begins; in capitals, where the word does.
  private var lastStart = 0
  private let splitsCase: Bool

  init(_ name: EncodingName) {
    self.splitsCase = name == .o200k
  }

  /// Up to here the text has been looked at.
  var reached: Int { self.stage == .fresh ? self.start : self.index }

  /// Goes on behind a piece.
  @inline(__always)
  mutating func skip(to end: Int) {
    self.start = end
    self.stage = .fresh
  }

  /// The end of the piece at `start`, which is within the text; nil when it is not known up to `limit`.
  @inline(__always)
  mutating func next(_ text: Span<UInt8>, _ table: TokenTable, limit: Int) -> Int? {
    if self.stage == .fresh { return self.begin(text, table, limit) }
    // A copy, so that the scanner itself can be kept in registers.
    var scanner = self
    let end = scanner.resume(text, table, limit)
    self = scanner
    return end
  }

  private mutating func resume(_ text: Span<UInt8>, _ table: TokenTable, _ limit: Int) -> Int? {
    switch self.stage {
    case .fresh: return nil
    case .letters: return self.letters(text, table, limit)
    case .capitals: return self.capitals(text, table, limit)
    case .smalls: return self.smalls(text, table, limit)
    case .symbols: return self.symbols(text, table, limit)
    case .tail: return self.tail(text, limit)
    case .blanks: return self.blanks(text, table, limit)
    }
  }

  /// Chooses the alternative by the first characters.
  @inline(__always)
  private mutating func begin(_ text: Span<UInt8>, _ table: TokenTable, _ limit: Int) -> Int? {
    let (kind, count) = table.character(in: text, at: self.start)
    let after = self.start &+ count
    if kind == CharacterClass.number { return self.numbers(text, table, from: after) }
    self.index = after
    self.landmark = 0
    self.lastStart = self.start
    guard !ClassSet.letters.contains(kind) else { return self.word(text, table, limit, at: self.start) }
    guard kind != CharacterClass.newline else {
      self.landmark = after
      return self.blanks(text, table, limit)
    }
    guard after < text.count else { return after }
    if kind != CharacterClass.blank, !self.splitsCase, text[self.start] == 0x27 {
      let end = Suffix.end(text, at: self.start)
      if end > self.start { return end }
    }
    let next = table.character(in: text, at: after).kind
    if self.isWord(next) || (kind == CharacterClass.mark && self.splitsCase) {
      return self.word(text, table, limit, at: after)
    }
    if kind != CharacterClass.blank || (ClassSet.symbols.contains(next) && text[self.start] == 0x20) {
      return self.symbols(text, table, limit)
    }
    return self.blanks(text, table, limit)
  }

  @inline(__always)
  private func isWord(_ kind: UInt8) -> Bool {
    (self.splitsCase ? ClassSet.lettersAndMarks : ClassSet.letters).contains(kind)
  }

  @inline(__always)
  private mutating func word(_ text: Span<UInt8>, _ table: TokenTable, _ limit: Int, at index: Int) -> Int? {
    self.index = index
    self.lastStart = index
    return self.splitsCase ? self.capitals(text, table, limit) : self.letters(text, table, limit)
  }

  /// Up to three in all; the first has been seen.
  private func numbers(_ text: Span<UInt8>, _ table: TokenTable, from start: Int) -> Int {
    var index = start
    for _ in 0..<2 where index < text.count {
      let (kind, count) = table.character(in: text, at: index)
      guard kind == CharacterClass.number else { break }
      index &+= count
    }
    return index
  }

  // MARK: Runs

  /// The limit came before the end of the piece.
  @inline(__always)
  private mutating func pause(in stage: Stage) -> Int? {
    self.stage = stage
    return nil
  }

  /// Moves over characters of the set; false when the limit stopped it before the end of the text.
  @inline(__always)
  private mutating func run(
    _ text: Span<UInt8>, _ table: TokenTable, over set: ClassSet, _ limit: Int
  ) -> Bool {
    var index = self.index
    while index < limit {
      let (kind, count) = table.character(in: text, at: index)
      guard set.contains(kind) else {
        self.index = index
        return true
      }
      index &+= count
    }
    self.index = index
    return index >= text.count
  }

  @inline(__always)
  private mutating func letters(_ text: Span<UInt8>, _ table: TokenTable, _ limit: Int) -> Int? {
    while let bytes = EightBytes(text, at: self.index, limit: limit) {
      self.index &+= bytes.letters
      guard bytes.letters == 8 else { break }
    }
    return self.run(text, table, over: .letters, limit) ? self.index : self.pause(in: .letters)
  }

  @inline(__always)
  private mutating func symbols(_ text: Span<UInt8>, _ table: TokenTable, _ limit: Int) -> Int? {
    guard self.run(text, table, over: .symbols, limit) else { return self.pause(in: .symbols) }
    return self.tail(text, limit)
  }

  @inline(__always)
  private mutating func tail(_ text: Span<UInt8>, _ limit: Int) -> Int? {
    while self.index < limit {
      let byte = text[self.index]
      guard byte == 0x0A || byte == 0x0D || (byte == 0x2F && self.splitsCase) else { return self.index }
      self.index &+= 1
    }
    return self.index >= text.count ? self.index : self.pause(in: .tail)
  }

  @inline(__always)
  private mutating func blanks(_ text: Span<UInt8>, _ table: TokenTable, _ limit: Int) -> Int? {
    while let bytes = EightBytes(text, at: self.index, limit: limit), bytes.spaces > 0 {
      self.index &+= bytes.spaces
      self.lastStart = self.index &- 1
    }
    while self.index < limit {
      let (kind, count) = table.character(in: text, at: self.index)
      guard ClassSet.blanks.contains(kind) else {
        if self.landmark > 0 { return self.landmark }
        return self.lastStart > self.start ? self.lastStart : self.index
      }
      self.lastStart = self.index
      self.index &+= count
      if kind == CharacterClass.newline { self.landmark = self.index }
    }
    guard self.index >= text.count else { return self.pause(in: .blanks) }
    return self.splitsCase && self.landmark > 0 ? self.landmark : self.index
  }

  /// The greedy first half of a word, which the second half may need a character of.
  @inline(__always)
  private mutating func capitals(_ text: Span<UInt8>, _ table: TokenTable, _ limit: Int) -> Int? {
    while self.index < limit {
      let (kind, count) = table.character(in: text, at: self.index)
      guard ClassSet.large.contains(kind) else {
        return kind == CharacterClass.lower
          ? self.smalls(text, table, limit) : self.endOfCapitals(text, table)
      }
      self.index &+= count
      if kind != CharacterClass.upper { self.landmark = self.index }
    }
    return self.index >= text.count ? self.endOfCapitals(text, table) : self.pause(in: .capitals)
  }

  /// No small letter follows: the last character without case can stand for one, else there are only capitals.
  ///
  /// A mark before the word was first taken as the character in front of it. Where nothing in the word could stand
  /// for a small letter, that mark is the whole piece.
  private func endOfCapitals(_ text: Span<UInt8>, _ table: TokenTable) -> Int {
    if self.landmark > 0 { return Suffix.end(text, at: self.landmark) }
    if self.lastStart > self.start,
      table.character(in: text, at: self.start).kind == CharacterClass.mark
    {
      return Suffix.end(text, at: self.lastStart)
    }
    return Suffix.end(text, at: self.index)
  }

  @inline(__always)
  private mutating func smalls(_ text: Span<UInt8>, _ table: TokenTable, _ limit: Int) -> Int? {
    while let bytes = EightBytes(text, at: self.index, limit: limit) {
      self.index &+= bytes.small
      guard bytes.small == 8 else { break }
    }
    return self.run(text, table, over: .small, limit)
      ? Suffix.end(text, at: self.index) : self.pause(in: .smalls)
  }
}
