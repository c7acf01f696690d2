/// What one thread keeps between texts of one encoding.
package final class TokenScratch {
  package let vocabulary: Vocabulary
  /// One access for a whole stretch of text: a checked one per piece would be a tenth of the time.
  var workspace = Workspace()

  struct Workspace {
    /// How many tokens are collected before they are handed on.
    static let rowLength = 4096

    /// The tokens of one piece, or of many where they are wanted themselves.
    var row: [UInt32] = Array(repeating: 0, count: rowLength + ShortPiece.maxBytes + 1)
    var memory = PieceMemory()
    /// Made when tokens are first wanted themselves.
    var rows: RowMemory?
  }

  package init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
  }
}
