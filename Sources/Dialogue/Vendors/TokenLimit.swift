/// The numbers in what vendors say about a prompt that does not fit.
struct TokenLimit {
  let used: Int
  let most: Int

  private static let signs = [
    "context length", "context window", "context size", "context limit", "too many tokens",
    "maximum number of tokens", "prompt length", "exceeds max length", "prompt is too long",
    "input is too long",
  ]

  /// Words in front of the limit; everything else is a count of what was sent.
  private static let limitWords = ["maximum", "max", "limit", "length", "window", "size", "only", "allowed"]

  /// Whether a message, in lower case, says that the prompt is too long.
  static func isExceeded(_ words: String) -> Bool { self.signs.contains { words.contains($0) } }

  /// Nil when the message does not name both numbers; without words for them, the larger is what was sent.
  init?(_ message: String) {
    var lastWord = ""
    var isLimit = false
    var limits: [Int] = []
    var counts: [Int] = []
    for token in message.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "," }) {
      let digits = token.filter { $0 != "," }
      guard let number = Int(digits) else {
        lastWord = digits
        if Self.limitWords.contains(lastWord) { isLimit = true }
        if ["requested", "resulted", "passed", "has", "have", "contains", "however", "got"].contains(lastWord)
        {
          isLimit = false
        }
        continue
      }
      if isLimit { limits.append(number) } else { counts.append(number) }
    }
    let most = limits.first ?? counts.filter { $0 >= 256 }.min()
    guard let most, let used = counts.first(where: { $0 > most }) else { return nil }
    self.used = used
    self.most = most
  }
}
