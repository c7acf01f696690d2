/// What files and process environment say about each name, with the environment's precedence applied.
struct Assignments {
  struct Entry: Equatable {
    let value: String
    let place: ConfigurationPlace
  }

  private(set) var faults: [ConfigurationFault] = []
  private(set) var remarks: [ConfigurationRemark] = []
  private var entries: [String: Entry] = [:]

  init(_ sources: ConfigurationSources) {
    for file in sources.files {
      let parsed = EnvironmentFile(path: file.path, bytes: file.bytes)
      self.faults += parsed.faults
      self.remarks += parsed.remarks
      for assignment in parsed.assignments { self.take(assignment) }
    }
    for variable in sources.environment { self.take(environment: variable.name, variable.value) }
  }

  /// Nil for what is unset, and for what is empty unless that means something here.
  func entry(_ name: String, evenIfEmpty: Bool = false) -> Entry? {
    guard let entry = self.entries[name], evenIfEmpty || !entry.value.isEmpty else { return nil }
    return entry
  }

  /// All that is set of a family of names, with the rest of each name, in the order of the names.
  func entries(ofFamily prefix: Substring) -> [(rest: String, name: String, entry: Entry)] {
    self.entries.filter { $0.key.hasPrefix(prefix) && !$0.value.value.isEmpty }
      .sorted { $0.key < $1.key }
      .map { (rest: String($0.key.dropFirst(prefix.count)), name: $0.key, entry: $0.value) }
  }

  private mutating func take(_ assignment: EnvironmentFile.Assignment) {
    let entry = Entry(value: assignment.value.trimmingBlanks(), place: assignment.place)
    if let earlier = self.entries[assignment.key], earlier.place.file == entry.place.file,
      earlier.value != entry.value
    {
      self.remark(
        .warning, entry.place, assignment.key,
        "set to another value in line \(earlier.place.line) of the same file; the later line counts")
    }
    self.entries[assignment.key] = entry
    if SettingTable.row(named: assignment.key) == nil { self.remarkUnused(assignment) }
  }

  private mutating func remarkUnused(_ assignment: EnvironmentFile.Assignment) {
    if let known = KnownName.all.first(where: { $0.covers(assignment.key) }) {
      if !assignment.value.isEmpty { self.remark(.warning, assignment.place, assignment.key, known.remark) }
    } else {
      self.remark(.warning, assignment.place, assignment.key, Self.unknown(assignment.key))
    }
  }

  private mutating func take(environment name: String, _ value: String) {
    if let row = SettingTable.row(named: name) {
      let value = value.trimmingBlanks()
      if value.isEmpty, !row.meansSomethingEmpty { return }
      if let file = self.entries[name], file.value != value {
        self.remark(
          .notice, file.place, name,
          "differs from the process environment, whose value counts and cannot be changed by a reload")
      }
      self.entries[name] = Entry(value: value, place: .environment)
    } else if !value.isEmpty, let known = KnownName.all.first(where: { $0.covers(name) }) {
      if case .environmentOnly = known.fate { return }
      self.remark(.warning, .environment, name, known.remark)
    } else if !value.isEmpty, ["GUNICORN_", "UPSTREAM_", "CLAUDE_PROXY_"].contains(where: name.hasPrefix) {
      // The rest of a process environment is other programs' business.
      self.remark(.warning, .environment, name, Self.unknown(name))
    }
  }

  private mutating func remark(
    _ weight: ConfigurationRemark.Weight, _ place: ConfigurationPlace, _ key: String, _ text: String
  ) {
    self.remarks.append(ConfigurationRemark(weight, at: place, key: key, text))
  }

  private static func unknown(_ name: String) -> String {
    let nearest = NearestName.of(name, among: SettingTable.names + KnownName.all.map(\.name))
    return "unknown setting, ignored" + (nearest.map { "; the nearest known name is \($0)" } ?? "")
  }
}

extension SettingTable {
  /// Every name that may be written for a row, aliases and `_FILE` forms included.
  static let names = rows.flatMap(\.names)

  private static let rowsByName = Dictionary(
    rows.flatMap { row in row.names.map { ($0, row) } }, uniquingKeysWith: { first, _ in first })

  private static let families = rows.filter { $0.familyPrefix != nil }

  static func row(named name: String) -> SettingRow? {
    self.rowsByName[name] ?? self.families.first { $0.familyPrefix.map(name.hasPrefix) ?? false }
  }
}
