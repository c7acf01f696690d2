extension SettingsPage {
  /// The file the package installs: every setting with its default, commented out unless the package chooses otherwise.
  package static var sample: String {
    var text = """
      # claude-proxy: settings. After a change: claude-proxy check && systemctl reload claude-proxy
      # Every setting is explained in /usr/share/doc/claude-proxy/settings.md.
      #
      # A line is KEY=value. Lines that begin with # are defaults, shown for reference.

      """
    for group in SettingRow.Group.allCases {
      text += "\n# --- \(group.rawValue) ---\n"
      for row in SettingTable.rows where row.group == group { text += Self.sampleLines(row) }
    }
    return text
  }

  private static func sampleLines(_ row: SettingRow) -> String {
    let summary = Self.wrapped(row.summary.filter { $0 != "`" } + ".")
    if let value = row.packagedValue { return "\n\(summary)\(row.name)=\(value)\n" }
    if let prefix = row.familyPrefix { return "\n\(summary)#\(prefix)X_EXAMPLE=\n" }
    return "\n\(summary)#\(row.name)=\(Self.quoted(row.kind.printed(Settings())))\n"
  }

  private static func quoted(_ value: String) -> String { value.contains(" ") ? "\"\(value)\"" : value }

  private static func wrapped(_ text: String) -> String {
    var lines = ""
    var line = "#"
    for word in text.split(separator: " ") {
      if line.count + word.count + 1 > 100 {
        lines += line + "\n"
        line = "#"
      }
      line += " " + word
    }
    return lines + line + "\n"
  }
}
