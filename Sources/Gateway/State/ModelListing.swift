/// The answer to somebody who asked for a model the backend does not have: what it does have, in two columns.
package enum ModelListing {
  /// Above this many the rest is counted, not named.
  static let mostNamed = 500
  private static let columnWidth = 48
  private static let markWidth = 4

  package static func text(missing name: String, in list: ModelList) -> String {
    var lines = ["\u{274C} Model `\(name)` not found.", ""]
    lines.append("Available models (\(list.models.count)):")
    let named = Self.sorted(list.models).prefix(Self.mostNamed)
    let reasoning = named.filter { $0.hasFeature(containing: "reasoning") }
    let standard = named.filter { !$0.hasFeature(containing: "reasoning") }
    for (title, group) in [("Reasoning models", reasoning), ("Standard models", standard)]
    where !group.isEmpty {
      lines += ["", "\(title):"] + Self.columns(group)
    }
    if list.models.count > named.count { lines += ["", "and \(list.models.count - named.count) more"] }
    lines += ["", String(repeating: "\u{2500}", count: Self.columnWidth * 2)]
    lines.append("Choose one with: /model <model-name>")
    return lines.joined(separator: "\n")
  }

  /// By the part before the first slash ascending, then by the part behind it descending, whatever their case.
  static func sorted(_ models: [PublishedModel]) -> [PublishedModel] {
    let keyed = models.map { model in
      let parts = model.id.lowercased().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      return (model: model, owner: parts.first ?? "", rest: parts.count > 1 ? parts[1] : "")
    }
    let ordered = keyed.sorted { left, right in
      left.owner == right.owner ? left.rest > right.rest : left.owner < right.owner
    }
    return ordered.map(\.model)
  }

  private static func columns(_ models: [PublishedModel]) -> [String] {
    let half = (models.count + 1) / 2
    return (0..<half).map { row in
      let left = Self.cell(models[row])
      guard row + half < models.count else { return left }
      return Self.padded(left, Self.columnWidth) + Self.cell(models[row + half])
    }
  }

  private static func cell(_ model: PublishedModel) -> String {
    "\(Self.padded(Self.mark(model.price), Self.markWidth)) \(model.id)"
  }

  /// What a million tokens in and a million out cost together.
  private static func mark(_ price: ModelPrice?) -> String {
    let sum = (price?.input ?? 0) + (price?.output ?? 0)
    if sum <= 0 { return "SUB" }
    if sum <= 0.5 { return "$" }
    if sum <= 2 { return "$$" }
    return sum <= 5 ? "$$$" : "$$$$"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
