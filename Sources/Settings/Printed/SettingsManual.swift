extension SettingsPage {
  package static let manualPath = "packaging/debian/claude-proxy.env.5"

  /// The manual page claude-proxy.env(5), in the man macros.
  package static var manual: String {
    var text = """
      .\\" Printed by "claude-proxy settings-docs manual" from the table the daemon itself reads; do not edit it.
      .TH CLAUDE\\-PROXY.ENV 5 "" claude\\-proxy
      .nh
      .ad l
      .SH NAME
      claude\\-proxy.env \\- settings of the LLM API gateway
      .SH SYNOPSIS
      .I /etc/claude\\-proxy/claude\\-proxy.env
      .br
      .I /etc/claude\\-proxy/conf.d/*.env
      .SH DESCRIPTION

      """
    for paragraph in Self.manualIntroduction { text += ".PP\n\(Self.escaped(paragraph))\n" }
    for group in SettingRow.Group.allCases {
      text += ".SH \(Self.escaped(group.rawValue.uppercased()))\n"
      for row in SettingTable.rows where row.group == group { text += Self.manualEntry(row) }
    }
    text +=
      ".SH NAMES WITHOUT EFFECT\nThese start with a warning, so that the files of older proxies work unchanged.\n"
    for known in KnownName.all {
      text += ".TP\n.B \(Self.escaped(known.name))\n\(Self.escaped(known.remark)).\n"
    }
    return text + ".SH SEE ALSO\n.BR claude\\-proxy (8),\n.BR systemd.exec (5)\n"
  }

  private static let manualIntroduction = [
    "Lines of the form KEY=value, in the syntax of systemd's EnvironmentFile=; a line may also begin with export, and an"
      + " unquoted value may be followed by a blank and a # comment. The files are read in the order of their names; a"
      + " later line replaces an earlier one, and the process environment wins over all files. Empty means unset.",
    "\"claude-proxy check\" reads everything as the daemon would and names file, line and key of each mistake."
      + " Settings marked live are taken over by \"systemctl reload claude-proxy\", the others by a restart. Seconds may"
      + " be written with s, min or h, bytes with K, M or G (1024 each).",
  ]

  private static func manualEntry(_ row: SettingRow) -> String {
    var facts = ["Value: \(row.kind.syntax.inWords)", "Default: \(row.printedDefault)"]
    if let value = row.packagedValue { facts.append("Set by the package's own file: \(value)") }
    for alias in row.aliases {
      switch alias.rule {
      case .same: facts.append("Also: \(alias.name); both with different values are refused")
      case .fallback: facts.append("Also: \(alias.name), if \(row.name) is unset")
      }
    }
    if let file = row.fileName, let credential = row.credentialName {
      facts.append("Also: \(file)=/path, or the systemd credential \(credential)")
    }
    facts.append("Change: \(row.effect.rawValue)")
    let lines = ["\(row.summary)."] + facts.map { "\($0)." }
    return ".TP\n.B \(Self.escaped(row.name))\n" + lines.map(Self.escaped).joined(separator: "\n.br\n") + "\n"
  }

  /// Text as roff prints it letter by letter; what would be a request at the head of a line is none.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for letter in text {
      switch letter {
      case "`": continue
      case "\\": escaped += "\\e"
      case "-": escaped += "\\-"
      // A list may be broken after it, as nothing else in it can.
      case ",": escaped += ",\\:"
      case ".", "'": escaped += escaped.isEmpty ? "\\&\(letter)" : String(letter)
      default: escaped.append(letter)
      }
    }
    return escaped
  }
}
