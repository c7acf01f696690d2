/// The printed copies of the table: the manual's page, the README's table and the sample file.
package enum SettingsPage {
  package static let path = "docs/settings.md"
  package static let readmePath = "README.md"
  package static let samplePath = "etc/claude-proxy/claude-proxy.env"

  private static let begin = "<!-- settings:begin -->"
  private static let end = "<!-- settings:end -->"

  /// The whole of `docs/settings.md`.
  package static var markdown: String {
    var text = introduction
    for group in SettingRow.Group.allCases {
      text += "\n## \(group.rawValue)\n"
      for row in SettingTable.rows where row.group == group { text += Self.section(row) }
    }
    text +=
      "\n## Known names without effect\n\nThese start with a warning that names them, so that the files of older"
    text += " proxies work unchanged.\n\n| Name | Why |\n|---|---|\n"
    for known in KnownName.all { text += "| `\(known.name)` | \(known.remark) |\n" }
    return text
  }

  /// What stands between the README's markers.
  package static var table: String {
    var text = "| Setting | Default | Meaning |\n|---|---|---|\n"
    for row in SettingTable.rows {
      text += "| `\(row.name)` | \(Self.defaultCell(row)) | \(row.summary) |\n"
    }
    return text
  }

  /// A README with a fresh table; nil if it has no markers.
  package static func readme(_ text: String) -> String? {
    guard let begin = text.firstRange(of: Self.begin), let end = text.firstRange(of: Self.end),
      begin.upperBound <= end.lowerBound
    else { return nil }
    return text[..<begin.upperBound] + "\n" + Self.table + text[end.lowerBound...]
  }

  private static let introduction = """
    # Settings

    This page is printed by `claude-proxy settings-docs` from the table the daemon itself reads; do not edit it.

    Settings are `KEY=value` lines in `/etc/claude-proxy/claude-proxy.env` and then `/etc/claude-proxy/conf.d/*.env`
    in the order of their names; `--config FILE` or the variable `CLAUDE_PROXY_CONFIG` replaces both. The syntax is that
    of systemd's `EnvironmentFile=`; a line may also begin with `export`, and an unquoted value may be followed by a
    blank and a `# comment`. A later line replaces an earlier one, and the process environment wins over all files. Empty
    means unset. `claude-proxy check` reads everything as the daemon would and names file, line and key of each mistake.

    *Live* settings are taken over by `systemctl reload claude-proxy`, the others by a restart. Seconds may be written
    with `s`, `min` or `h`, bytes with `K`, `M` or `G` (1024 each).

    """

  private static func section(_ row: SettingRow) -> String {
    var text = "\n### `\(row.name)`\n\n\(row.summary).\n\n"
    text += "- Value: \(row.kind.syntax.inWords)\n- Default: \(Self.defaultCell(row))\n"
    if let value = row.packagedValue { text += "- Set by the package's own file: `\(value)`\n" }
    for alias in row.aliases {
      switch alias.rule {
      case .same: text += "- Also: `\(alias.name)`; both with different values are refused\n"
      case .fallback: text += "- Also: `\(alias.name)`, if `\(row.name)` is unset\n"
      }
    }
    if let file = row.fileName, let credential = row.credentialName {
      text += "- Also: `\(file)=/path`, or the systemd credential `\(credential)`;"
      text += " different values in two places are refused\n"
    }
    return text + "- Change: \(row.effect.rawValue)\n"
  }

  private static func defaultCell(_ row: SettingRow) -> String {
    row.kind.printed(Settings()).isEmpty ? row.printedDefault : "`\(row.printedDefault)`"
  }
}
