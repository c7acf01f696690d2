/// A text in the pieces it is streamed in, each made when it is asked for.
internal enum DemoPieces: Sendable {
  case list([String])
  /// Numbers from 1 on, a blank behind each.
  case numbered(Int)
  /// So many bytes of filler.
  case sized(Int)

  private static let pieceBytes = 1024
  private static let filler = Array("The quick brown fox jumps over the lazy dog. ".utf8)

  /// A text word by word; blanks belong to the word behind them.
  init(wordsOf text: String) {
    var words: [String] = []
    var word = ""
    for character in text {
      if character.isWhitespace, let last = word.last, !last.isWhitespace {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    if !word.isEmpty { words.append(word) }
    self = .list(words)
  }

  /// A text in pieces of so many characters.
  init(_ text: String, every count: Int) {
    var pieces: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      pieces.append(String(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    self = .list(pieces)
  }

  var count: Int {
    switch self {
    case .list(let pieces): pieces.count
    case .numbered(let count): count
    case .sized(let bytes): bytes / Self.pieceBytes + (bytes % Self.pieceBytes == 0 ? 0 : 1)
    }
  }

  subscript(index: Int) -> String {
    switch self {
    case .list(let pieces):
      return pieces[index]
    case .numbered:
      return "\(index + 1) "
    case .sized(let bytes):
      let start = index * Self.pieceBytes
      let range = start..<min(start + Self.pieceBytes, bytes)
      return String(decoding: range.map { Self.filler[$0 % Self.filler.count] }, as: UTF8.self)
    }
  }

  func prefix(_ limit: Int) -> DemoPieces {
    guard case .list(let pieces) = self else { return self }
    return .list(Array(pieces.prefix(max(limit, 0))))
  }

  var joined: String {
    var text = ""
    for index in 0..<self.count { text += self[index] }
    return text
  }
}
