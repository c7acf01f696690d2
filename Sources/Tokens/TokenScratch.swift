/// What one thread keeps between texts of one encoding.
package final class TokenScratch {
  package let vocabulary: Vocabulary
  /// One access for a whole stretch of text: a checked one per piece would be a tenth of the time.
  var workspace = Workspace()

  struct Workspace {
    var short = ShortPiece()
    var memory = PieceMemory()
  }

  package init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
  }
}
