/// One setting: the single place that parsing, validation, `check`, reload and every printed page know it from.
package struct SettingRow: Sendable {
  package enum Group: String, Sendable, CaseIterable {
    case upstreams = "Upstreams"
    case headers = "Header fields to upstreams"
    case models = "Models"
    case budget = "Tokens"
    case translation = "Translation"
    case clients = "Who may call"
    case listening = "Listening"
    case workers = "Workers"
    case limits = "Limits"
    case waits = "Time"
    case logging = "Logging and tests"
  }

  /// When a changed value counts.
  package enum Effect: String, Sendable {
    /// With the next reload (SIGHUP).
    case live
    case restart
  }

  package struct Alias: Sendable {
    package enum Rule: Sendable {
      /// Another name of the same thing: two different values are a contradiction.
      case same
      /// Counts only while the row's own name is unset.
      case fallback
    }

    package let name: String
    package let rule: Rule
    /// Rewrites the alias's own syntax; nil = nothing of use in it.
    let adapt: @Sendable (String) -> String?

    static func same(_ name: String) -> Alias { Alias(name: name, rule: .same) { $0 } }

    static func fallback(
      _ name: String, adapt: @escaping @Sendable (String) -> String? = { $0 }
    ) -> Alias {
      Alias(name: name, rule: .fallback, adapt: adapt)
    }
  }

  package let name: String
  package let aliases: [Alias]
  package let group: Group
  package let effect: Effect
  package let kind: SettingKind
  package let summary: String
  /// For rows whose default is no value of theirs.
  package let defaultNote: String?
  /// Whether an empty value says something, against the rule that empty means unset.
  package let meansSomethingEmpty: Bool
  /// What the package's own file sets instead of the default.
  package let packagedValue: String?

  init(
    _ name: String, aliases: [Alias] = [], _ group: Group, _ effect: Effect, _ kind: SettingKind,
    defaultNote: String? = nil, packagedValue: String? = nil, meansSomethingEmpty: Bool = false,
    _ summary: String
  ) {
    self.name = name
    self.aliases = aliases
    self.group = group
    self.effect = effect
    self.kind = kind
    self.summary = summary
    self.defaultNote = defaultNote
    self.packagedValue = packagedValue
    self.meansSomethingEmpty = meansSomethingEmpty
  }

  /// As the pages print it.
  package var printedDefault: String {
    let value = self.kind.printed(Settings())
    return value.isEmpty ? self.defaultNote ?? "unset" : value
  }

  /// A name that ends in `*` stands for every name that begins so; the rest of it is part of the value.
  package var familyPrefix: Substring? { self.name.hasSuffix("*") ? self.name.dropLast() : nil }

  package var fileName: String? { self.kind.syntax.isKey ? self.name + "_FILE" : nil }

  package var credentialName: String? {
    self.kind.syntax.isKey ? self.name.lowercased().split(separator: "_").joined(separator: "-") : nil
  }

  /// Every name that may stand in a file for this row.
  package var names: [String] { [self.name] + self.aliases.map(\.name) + (self.fileName.map { [$0] } ?? []) }
}
