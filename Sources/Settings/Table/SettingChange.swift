/// A setting whose value a reload would change.
package struct SettingChange: Sendable, Equatable {
  package let name: String
  package let effect: SettingRow.Effect
}

extension Settings {
  /// What differs from `old`, in the table's order; those of effect `restart` are not taken over by a reload.
  package func changes(from old: Settings) -> [SettingChange] {
    SettingTable.rows.filter { !$0.kind.isEqual(old, self) }
      .map { SettingChange(name: $0.name, effect: $0.effect) }
  }
}
