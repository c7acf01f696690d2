internal import Dialogue

/// Kinds of settings that hold several things in one value.
extension SettingKind {
  static func aliases(to field: any Field<[ModelSettings.Alias]>) -> Self {
    Self(.text("pairs such as gpt-4o:claude-sonnet-4-5, separated by commas"), field) { text in
      .success(ModelSettings.aliases(text))
    } print: { aliases in
      aliases.map { "\($0.name):\($0.target)" }.joined(separator: ",")
    }
  }

  static func networks(to field: any Field<NetworkList>) -> Self {
    Self(.text("addresses and networks such as 127.0.0.1,10.0.0.0/8, or *"), field) { text in
      NetworkList(text).map { .success($0) }
    } print: {
      $0.text
    }
  }

  static func windows(to field: any Field<[BudgetSettings.Window]>) -> Self {
    Self(.json("a JSON object such as {\"claude-sonnet-4-5\": 200000}"), field) { text in
      JSONSetting.windows(text)
    } print: { windows in
      windows.isEmpty ? "" : "\(windows.count) in number"
    }
  }

  static func headers(to field: any Field<[HeaderSetting]>) -> Self {
    Self(.header("a JSON object such as {\"x-team\": \"core\", \"x-app\": null}"), field) { text in
      JSONSetting.headers(text)
    } print: { headers in
      headers.map { $0.value == nil ? "no \($0.name)" : $0.name }.joined(separator: ", ")
    }
  }

  /// One field of a family of names: `text` is the rest of the name, an equals sign and the value.
  static func header(to field: any Field<[HeaderSetting]>) -> Self {
    Self(
      adding: .header("a value in one line, for a header field that may be set"), field
    ) { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts[0].split(separator: "_", omittingEmptySubsequences: false).joined(separator: "-")
      guard parts.count == 2, HeaderSetting.mayBeSet(name), HeaderSetting.isValue(String(parts[1])) else {
        return nil
      }
      return HeaderSetting(name: name, value: Secret(String(parts[1])))
    } print: { headers in
      headers.map(\.name).joined(separator: ", ")
    }
  }

  static func crossOrigin(to field: any Field<CrossOriginSettings>) -> Self {
    Self(.text("*, none, or origins such as https://a.example, separated by commas"), field) { text in
      CrossOriginSettings(parsing: text).map { .success($0) }
    } print: {
      $0.printed
    }
  }

  static func profile(_ dialect: Dialect, to field: any Field<String?>) -> Self {
    let names = ProfileTable.names.filter { ProfileTable.profile(named: $0)?.dialect == dialect }
    return Self(.word(names), field) { text in
      ProfileTable.profile(named: text).flatMap { $0.dialect == dialect ? .success($0.name) : nil }
    } print: {
      $0 ?? ""
    }
  }

  static func profileFlags(_ dialect: Dialect, to field: any Field<String?>) -> Self {
    let example = dialect == .chat ? "{\"stop_max\": 2, \"think_tags\": true}" : "{\"prefill\": false}"
    return Self(.json("a JSON object of capabilities such as \(example)"), field) { text in
      JSONSetting.flags(text, dialect)
    } print: {
      $0 == nil ? "" : "set"
    }
  }
}

extension SettingKind {
  static func accessTarget(to field: any Field<AccessLogSettings.Target>) -> Self {
    Self(.text("journal, -, none or an absolute path"), field) { text in
      AccessLogSettings.Target(text).map { .success($0) }
    } print: {
      $0.word
    }
  }

  static func accessFormat(to field: any Field<AccessFormat?>) -> Self {
    Self(.text("text in one line with %(name)s for each atom and %% for a percent sign"), field) { text in
      AccessFormat(text).map { .success($0) }
    } print: {
      $0?.source ?? ""
    }
  }
}
