/// Names of models: what clients may call them, and what upstreams do.
package struct ModelSettings: Sendable, Equatable {
  /// One name that stands for another.
  package struct Alias: Sendable, Equatable {
    package let name: String
    package let target: String
  }

  package static let usualBig = "gpt-4o"
  package static let usualSmall = "gpt-4o-mini"

  /// For chat clients that name none.
  package var standard = "claude-3-5-sonnet-latest"
  package var aliases: [Alias] = []
  package var explicitBig: String?
  package var explicitMiddle: String?
  package var explicitSmall: String?
  /// A model the upstream does not have is told of in an answer instead of an error.
  package var tells404AsMessage = false

  package var big: String { self.explicitBig ?? Self.usualBig }
  package var middle: String { self.explicitMiddle ?? self.big }
  package var small: String { self.explicitSmall ?? Self.usualSmall }

  /// Whether the operator chose any of the three sizes.
  package var namesSizes: Bool {
    self.explicitBig != nil || self.explicitMiddle != nil || self.explicitSmall != nil
  }

  /// What the alias stands for; the first of that name counts.
  package func target(of name: String) -> String? {
    self.aliases.first { $0.name == name }?.target
  }

  /// `from:to,from2:to2`, split at the first colon. A pair without both sides says nothing.
  static func aliases(_ text: String) -> [Alias] {
    text.split { $0 == "," || $0.isNewline }.compactMap { pair in
      let sides = pair.split(separator: ":", maxSplits: 1).map { $0.trimmingBlanks() }
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else { return nil }
      return Alias(name: sides[0], target: sides[1])
    }
  }
}
