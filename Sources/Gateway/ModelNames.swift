package import Dialogue
package import Settings

/// What an upstream is asked for when a client names a model.
package struct ModelNames: Sendable {
  /// Names that no upstream of Anthropic's has: whoever says them means them.
  private static let foreignPrefixes = ["gpt-", "chatgpt-", "ep-", "doubao-", "deepseek-"]

  private let settings: ModelSettings

  package init(_ settings: ModelSettings) {
    self.settings = settings
  }

  /// Towards an upstream that speaks Messages; a client that names none gets the operator's choice.
  package func messages(_ asked: String?, from client: Dialect) -> String? {
    if let asked, !asked.isEmpty { return self.settings.target(of: asked) ?? asked }
    guard client == .chat else { return asked }
    return self.settings.target(of: self.settings.standard) ?? self.settings.standard
  }

  /// Towards an upstream that speaks Chat Completions. `listed` finds a name among the models the upstream says it
  /// has, in the upstream's own spelling; a client of the same protocol means what it says.
  package func chat(
    _ asked: String?, from client: Dialect, to upstream: OpenAIUpstream, listed: (String) -> String?
  ) -> String? {
    guard let asked, !asked.isEmpty else { return asked }
    if let target = self.settings.target(of: asked) { return listed(target) ?? target }
    if let spelled = listed(asked) { return spelled }
    guard client == .messages, upstream.isNamedByBase || self.settings.namesSizes else { return asked }
    return self.sized(asked)
  }

  /// Claude's families by size; a name of no known vendor is the biggest one's.
  func sized(_ name: String) -> String {
    if Self.isForeign(name) { return name }
    let name = name.lowercased()
    if name.contains("haiku") { return self.settings.small }
    if name.contains("sonnet") { return self.settings.middle }
    return self.settings.big
  }

  private static func isForeign(_ name: String) -> Bool {
    if self.foreignPrefixes.contains(where: name.hasPrefix) { return true }
    // o1, o3, o4-mini and those that will follow.
    return name.first == "o" && name.dropFirst().first?.isNumber == true
  }
}
