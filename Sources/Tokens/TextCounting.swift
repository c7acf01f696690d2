/// The counting of one text, which may be stopped anywhere and gone on with later.
package struct TextCounting {
  private var scanner: PieceScanner
  private var long = LongPiece()
  package private(set) var tokens = 0
  /// The tokens themselves, if somebody wants them.
  private var output: [UInt32]?

  package init(_ name: EncodingName) {
    self.scanner = PieceScanner(name)
  }

  /// The same with the tokens.
  static func collecting(_ name: EncodingName) -> TextCounting {
    var counting = TextCounting(name)
    counting.output = []
    return counting
  }

  var collected: [UInt32] { self.output ?? [] }

  /// Goes on for about as many bytes, and takes them off; true when the whole text is counted.
  ///
  /// It is the same text every time.
  package mutating func advance(_ text: Span<UInt8>, budget: inout Int, _ scratch: TokenScratch) -> Bool {
    self.advance(text, &budget, scratch.vocabulary.table, &scratch.workspace)
  }

  private mutating func advance(
    _ text: Span<UInt8>, _ budget: inout Int, _ table: TokenTable, _ workspace: inout TokenScratch.Workspace
  ) -> Bool {
    let before = self.scanner.reached
    let (sum, overflow) = before.addingReportingOverflow(max(1, budget))
    let limit = overflow ? text.count : min(text.count, sum)
    var steps = max(1, budget)
    defer { budget -= min(budget, max(self.scanner.reached - before, budget - steps)) }

    guard self.finishLong(text, table, &steps) else { return false }
    var position = self.scanner.start
    while position < limit {
      guard let end = self.scanner.next(text, table, limit: limit) else { return false }
      let start = position
      position = end
      if end &- start <= ShortPiece.maxBytes {
        self.tokens &+= self.countShort(text, start, end, table, &workspace)
        self.scanner.skip(to: end)
      } else {
        self.long.begin(text, from: start, to: end, table)
        self.scanner.skip(to: end)
        guard self.finishLong(text, table, &steps) else { return false }
      }
    }
    return position >= text.count
  }

  @inline(__always)
  private mutating func countShort(
    _ text: Span<UInt8>, _ start: Int, _ end: Int, _ table: TokenTable,
    _ workspace: inout TokenScratch.Workspace
  ) -> Int {
    guard self.output == nil else {
      let count = workspace.short.count(text, from: start, to: end, table)
      self.output?.append(contentsOf: workspace.short.tokens.prefix(count))
      return count
    }
    guard let key = PieceMemory.Key(text, from: start, to: end) else {
      return workspace.short.count(text, from: start, to: end, table)
    }
    let known = workspace.memory.count(key)
    if known > 0 { return known }
    let count = workspace.short.count(text, from: start, to: end, table)
    workspace.memory.remember(key, count)
    return count
  }

  private mutating func finishLong(_ text: Span<UInt8>, _ table: TokenTable, _ steps: inout Int) -> Bool {
    guard self.long.isOpen else { return true }
    guard self.long.advance(text, table, steps: &steps) else { return false }
    self.tokens &+= self.long.tokens.count
    self.output?.append(contentsOf: self.long.tokens)
    return true
  }
}
