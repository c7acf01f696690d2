package import Dialogue
package import Settings

/// What an upstream is asked for when a client names a model.
package struct ModelNames: Sendable {
  package struct Choice: Sendable, Equatable {
    package let name: String?
    package let rule: PlanNotes.NameRule
  }

  /// Names that no upstream of Anthropic's has: whoever says them means them.
  private static let foreignPrefixes = ["gpt-", "chatgpt-", "ep-", "doubao-", "deepseek-"]

  private let settings: ModelSettings

  package init(_ settings: ModelSettings) {
    self.settings = settings
  }

  /// Towards an upstream that speaks Messages; a chat client that names none gets the operator's choice.
  package func messages(_ asked: String?, from client: Dialect) -> Choice {
    if let asked, !asked.isEmpty {
      if let target = self.settings.target(of: asked) { return Choice(name: target, rule: .alias) }
      return Choice(name: asked, rule: .unchanged)
    }
    guard client == .chat else { return Choice(name: asked, rule: .unchanged) }
    let standard = self.settings.standard
    return Choice(name: self.settings.target(of: standard) ?? standard, rule: .standard)
  }

  /// Towards an upstream that speaks Chat Completions. `listed` finds a name among the models the upstream says it
  /// has, in the upstream's own spelling; a client of the same protocol means what it says.
  package func chat(
    _ asked: String?, from client: Dialect, to upstream: OpenAIUpstream, listed: (String) -> String?
  ) -> Choice {
    guard let asked, !asked.isEmpty else { return Choice(name: asked, rule: .unchanged) }
    if let target = self.settings.target(of: asked) {
      return Choice(name: listed(target) ?? target, rule: .alias)
    }
    if let spelled = listed(asked) { return Choice(name: spelled, rule: .listed) }
    guard client == .messages, upstream.isNamedByBase || self.settings.namesSizes else {
      return Choice(name: asked, rule: .unchanged)
    }
    let sized = self.sized(asked)
    return Choice(name: sized, rule: sized == asked ? .unchanged : .size)
  }

  /// The model that would read a request to `/v1/messages`, as far as that is known without an upstream's own list.
  package func reader(of asked: String?, _ plan: UpstreamPlan) -> String? {
    switch plan.messages {
    case .openAI(let upstream):
      self.chat(asked, from: .messages, to: upstream, listed: { _ in nil }).name
    case .anthropic, .demo, nil: self.messages(asked, from: .messages).name
    }
  }

  /// Claude's families by size; a name of no known vendor is the biggest one's.
  private func sized(_ name: String) -> String {
    if Self.isForeign(name) { return name }
    let letters = name.utf8Span.span
    if Self.holds(letters, "haiku") { return self.settings.small }
    if Self.holds(letters, "sonnet") { return self.settings.middle }
    return self.settings.big
  }

  /// In any case, as `String.contains`, which takes 10,000 instructions for a name.
  private static func holds(_ letters: Span<UInt8>, _ word: StaticString) -> Bool {
    word.withUTF8Buffer { word in
      guard letters.count >= word.count else { return false }
      for start in 0...(letters.count - word.count) {
        var count = 0
        while count < word.count, Self.lower(letters[start + count]) == (unsafe word[count]) { count += 1 }
        if count == word.count { return true }
      }
      return false
    }
  }

  private static func lower(_ letter: UInt8) -> UInt8 { letter &- 0x41 < 26 ? letter | 0x20 : letter }

  private static func isForeign(_ name: String) -> Bool {
    // None of the prefixes begins otherwise.
    switch name.utf8.first {
    case UInt8(ascii: "g"), UInt8(ascii: "c"), UInt8(ascii: "e"), UInt8(ascii: "d"), UInt8(ascii: "o"): break
    default: return false
    }
    if self.foreignPrefixes.contains(where: name.hasPrefix) { return true }
    // o1, o3, o4-mini and those that will follow.
    return name.first == "o" && name.dropFirst().first?.isNumber == true
  }
}
