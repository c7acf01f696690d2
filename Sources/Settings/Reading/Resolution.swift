extension Settings {
  /// Reads, validates and works out a whole configuration; every fault of it is found, not only the first.
  package static func resolve(_ sources: ConfigurationSources) -> ConfigurationOutcome {
    var resolution = Resolution(sources)
    return resolution.run()
  }
}

/// One pass over the table: takes each row's value from wherever it stands, and notes what is wrong.
struct Resolution {
  /// One way a row was given.
  struct Candidate {
    let name: String
    let value: String
    let place: ConfigurationPlace
    let isFallback: Bool
  }

  let sources: ConfigurationSources
  let assignments: Assignments
  var settings = Settings()
  var faults: [ConfigurationFault]
  var remarks: [ConfigurationRemark]
  /// Where each row's value came from, by the row's name.
  var origins: [String: Candidate] = [:]
  /// Rows given with a fault: nothing is concluded from their being unset.
  private var faultyRows: Set<String> = []

  init(_ sources: ConfigurationSources) {
    self.sources = sources
    self.assignments = Assignments(sources)
    self.faults = sources.faults + self.assignments.faults
    self.remarks = self.assignments.remarks
  }

  mutating func run() -> ConfigurationOutcome {
    for row in SettingTable.rows {
      if let prefix = row.familyPrefix { self.take(row, family: prefix) } else { self.take(row) }
    }
    self.settleWorkers()
    self.settleListening()
    self.settleUpstreams()
    self.settleHeaders()
    self.settleBudget()
    self.checkClientKeys()
    self.checkPublicBind()
    guard self.faults.isEmpty else { return .refused(self.faults, remarks: self.remarks) }
    return .accepted(self.settings, remarks: self.remarks)
  }

  private mutating func take(_ row: SettingRow) {
    let candidates = self.namedCandidates(row) + self.secretCandidates(row)
    var chosen: (candidate: Candidate, settings: Settings)?
    for candidate in candidates where !(candidate.isFallback && chosen != nil) {
      var attempt = self.settings
      if let expectation = row.kind.assign(candidate.value, &attempt) {
        self.fault(candidate, row, expectation.text)
      } else if let chosen, !row.kind.isEqual(chosen.settings, attempt) {
        self.fault(
          candidate, row,
          "the same value as \(chosen.candidate.name) at \(chosen.candidate.place), or only one of the two")
      } else if chosen == nil {
        chosen = (candidate, attempt)
      }
    }
    guard let chosen else { return }
    self.settings = chosen.settings
    self.origins[row.name] = chosen.candidate
  }

  private mutating func take(_ row: SettingRow, family prefix: Substring) {
    for (rest, name, entry) in self.assignments.entries(ofFamily: prefix) {
      let candidate = Candidate(name: name, value: entry.value, place: entry.place, isFallback: false)
      if let expectation = row.kind.assign("\(rest)=\(entry.value)", &self.settings) {
        self.fault(candidate, row, expectation.text)
      } else if self.origins[row.name] == nil {
        self.origins[row.name] = candidate
      }
    }
  }

  private func namedCandidates(_ row: SettingRow) -> [Candidate] {
    var candidates: [Candidate] = []
    if let entry = self.assignments.entry(row.name, evenIfEmpty: row.meansSomethingEmpty),
      !self.isPlaceholder(entry, row)
    {
      candidates.append(
        Candidate(name: row.name, value: entry.value, place: entry.place, isFallback: false))
    }
    for alias in row.aliases {
      guard let entry = self.assignments.entry(alias.name), let value = alias.adapt(entry.value) else {
        continue
      }
      candidates.append(
        Candidate(
          name: alias.name, value: value, place: entry.place, isFallback: alias.rule == .fallback))
    }
    return candidates
  }

  private func isPlaceholder(_ entry: Assignments.Entry, _ row: SettingRow) -> Bool {
    row.kind.syntax.isSecret && entry.value == UpstreamSettings.placeholderKey
  }

  private mutating func secretCandidates(_ row: SettingRow) -> [Candidate] {
    var candidates: [Candidate] = []
    if let entry = self.assignments.entry(row.name), self.isPlaceholder(entry, row) {
      self.warn(entry.place, row.name, "still the placeholder of the sample file; counts as unset")
    }
    if let name = row.fileName, let entry = self.assignments.entry(name) {
      switch self.sources.readFile(entry.value) {
      case .success(let bytes): candidates += self.secret(bytes, name, entry.place, of: row)
      case .failure(let unreadable):
        self.faultyRows.insert(row.name)
        self.faults.append(
          ConfigurationFault(
            at: entry.place, key: name, value: entry.value, expected: "a readable file: \(unreadable.reason)")
        )
      }
    }
    if let name = row.credentialName, let bytes = self.sources.credentials[name] {
      let place = ConfigurationPlace.credential
      candidates += self.secret(bytes, name, place, of: row)
      self.remarks.append(
        ConfigurationRemark(
          .notice, at: place, key: name, "taken from a systemd credential, which only a restart refreshes"))
    }
    return candidates
  }

  private mutating func secret(
    _ bytes: [UInt8], _ name: String, _ place: ConfigurationPlace, of row: SettingRow
  ) -> [Candidate] {
    guard let text = String(validating: bytes, as: UTF8.self)?.trimmingBlanks(), !text.utf8.contains(0) else {
      self.faultyRows.insert(row.name)
      self.faults.append(
        ConfigurationFault(at: place, key: name, value: nil, expected: "its content is not UTF-8 text"))
      return []
    }
    guard !text.isEmpty, text != UpstreamSettings.placeholderKey else {
      self.warn(place, name, "its content is empty or a placeholder; counts as unset")
      return []
    }
    return [Candidate(name: name, value: text, place: place, isFallback: false)]
  }

  private mutating func fault(_ candidate: Candidate, _ row: SettingRow, _ expected: String) {
    let isSecret = row.kind.syntax.isSecret
    self.faultyRows.insert(row.name)
    self.faults.append(
      ConfigurationFault(
        at: candidate.place, key: candidate.name,
        value: isSecret ? nil : UpstreamURL.masking(candidate.value),
        expected: isSecret ? "its value is not accepted; expected \(expected)" : expected))
  }

  func isSound(_ names: String...) -> Bool { self.faultyRows.isDisjoint(with: names) }

  mutating func warn(_ place: ConfigurationPlace, _ key: String, _ text: String) {
    self.remarks.append(ConfigurationRemark(.warning, at: place, key: key, text))
  }
}

extension SettingRow.Alias.Rule: Equatable {}
