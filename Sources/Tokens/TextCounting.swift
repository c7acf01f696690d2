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

    while true {
      guard self.finishLong(text, table, &steps) else { return false }
      let long =
        self.output == nil
        ? self.countShort(text, limit, table, &workspace.row, &workspace.memory)
        : self.listShort(text, limit, table, &workspace)
      guard let long else { return self.scanner.start >= text.count }
      self.long.begin(text, from: self.scanner.start, to: long, table)
      self.scanner.skip(to: long)
    }
  }

  /// Counts pieces up to the limit; stops in front of a long one and says where that ends.
  private mutating func countShort(
    _ text: Span<UInt8>, _ limit: Int, _ table: TokenTable, _ tokens: inout [UInt32],
    _ memory: inout PieceMemory
  ) -> Int? {
    // Copies, so that they can be kept in registers.
    var scanner = self.scanner
    var total = 0
    defer {
      self.scanner = scanner
      self.tokens &+= total
    }
    var row = tokens.mutableSpan
    var start = scanner.start
    while start < limit, let end = scanner.next(text, table, limit: limit) {
      guard end &- start <= ShortPiece.maxBytes else { return end }
      // Every byte is a token, and from an eighth to a third of all pieces are one.
      if end &- start == 1 {
        total &+= 1
        start = end
        scanner.skip(to: end)
        continue
      }
      let key = PieceMemory.Key(text, from: start, to: end)
      var count = if let key { memory.count(key) } else { 0 }
      if count == 0 {
        count = ShortPiece.merge(text, from: start, to: end, key, table, into: &row, at: 0)
        if let key { memory.remember(key, count) }
      }
      total &+= count
      start = end
      scanner.skip(to: end)
    }
    return nil
  }

  /// The same for whoever wants the tokens.
  private mutating func listShort(
    _ text: Span<UInt8>, _ limit: Int, _ table: TokenTable, _ workspace: inout TokenScratch.Workspace
  ) -> Int? {
    var memory = workspace.rows.take() ?? RowMemory()
    defer { workspace.rows = memory }
    while true {
      let (count, long) = self.fillRow(text, limit, table, &workspace.row, &memory)
      self.tokens &+= count
      self.output?.append(contentsOf: workspace.row[..<count])
      if long != nil || count < TokenScratch.Workspace.rowLength { return long }
    }
  }

  private mutating func fillRow(
    _ text: Span<UInt8>, _ limit: Int, _ table: TokenTable, _ tokens: inout [UInt32],
    _ memory: inout RowMemory
  ) -> (count: Int, long: Int?) {
    var scanner = self.scanner
    defer { self.scanner = scanner }
    var row = tokens.mutableSpan
    var filled = 0
    var start = scanner.start
    while start < limit, filled < TokenScratch.Workspace.rowLength,
      let end = scanner.next(text, table, limit: limit)
    {
      guard end &- start <= ShortPiece.maxBytes else { return (filled, end) }
      let key = PieceMemory.Key(text, from: start, to: end)
      var count = if let key { memory.recall(key, into: &row, at: filled) } else { 0 }
      if count == 0 {
        count = ShortPiece.merge(text, from: start, to: end, key, table, into: &row, at: filled)
        if let key { memory.remember(key, row, at: filled, count) }
      }
      filled &+= count
      start = end
      scanner.skip(to: end)
    }
    return (filled, nil)
  }

  private mutating func finishLong(_ text: Span<UInt8>, _ table: TokenTable, _ steps: inout Int) -> Bool {
    guard self.long.isOpen else { return true }
    guard self.long.advance(text, table, steps: &steps) else { return false }
    self.tokens &+= self.long.tokens.count
    self.output?.append(contentsOf: self.long.tokens)
    return true
  }
}
