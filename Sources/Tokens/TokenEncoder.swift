extension TokenScratch {
  /// How many tokens a text is, in one go.
  package func count(_ text: Span<UInt8>) -> Int {
    var counting = TextCounting(self.vocabulary.name)
    self.finish(&counting, text)
    return counting.tokens
  }

  /// The tokens of a text, in one go.
  package func encode(_ text: Span<UInt8>) -> [UInt32] {
    var counting = TextCounting.collecting(self.vocabulary.name)
    self.finish(&counting, text)
    return counting.collected
  }

  private func finish(_ counting: inout TextCounting, _ text: Span<UInt8>) {
    var budget = Int.max
    while !counting.advance(text, budget: &budget, self) { budget = Int.max }
  }

  /// As `encode`, with the special tokens where their texts stand.
  package func encodeWithSpecials(_ text: Span<UInt8>) -> [UInt32] {
    var output: [UInt32] = []
    var start = 0
    var index = 0
    while index < text.count {
      guard text[index] == 0x3C, let special = self.special(text, at: index) else {
        index += 1
        continue
      }
      output += self.encode(text.extracting(start..<index))
      output.append(special.token)
      index += special.text.count
      start = index
    }
    return output + self.encode(text.extracting(start..<text.count))
  }

  private func special(_ text: Span<UInt8>, at index: Int) -> Vocabulary.Special? {
    for special in self.vocabulary.specials where special.text.count <= text.count - index {
      if special.text.indices.allSatisfy({ text[index + $0] == special.text[$0] }) { return special }
    }
    return nil
  }
}
