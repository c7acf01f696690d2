internal import Wire

/// Names a configuration gives to models, whatever its upstreams have.
package struct ConfiguredNames: Sendable, Equatable {
  /// What the Anthropic upstream is asked for by requests without a model.
  package var defaultModel: String?
  /// In the order of the setting.
  package var aliases: [(name: String, target: String)] = []
  /// What names of other vendors are mapped to: the big, middle and small model.
  package var mapped: [String] = []

  package init() {}

  package static func == (left: ConfiguredNames, right: ConfiguredNames) -> Bool {
    left.defaultModel == right.defaultModel && left.mapped == right.mapped
      && left.aliases.elementsEqual(right.aliases, by: ==)
  }
}

/// `/v1/models` from memory, in a shape that both protocols' clients read (matrix AUX-models).
package struct ModelsPage: Sendable {
  struct Entry: Sendable, Equatable {
    let id: String
    var displayName: String?
    var ownedBy: String
    var createdSeconds = 0
    var contextTokens: Int?
    var outputTokens: Int?
    var features: [String] = []
  }

  let entries: [Entry]

  package init(_ names: ConfiguredNames, _ lists: [ModelList]) {
    var entries: [Entry] = []
    var seen: Set<String> = []
    func add(_ entry: Entry) {
      if seen.insert(entry.id).inserted { entries.append(entry) }
    }
    if let name = names.defaultModel {
      add(Self.entry(name, like: Self.find(name, lists), ownedBy: "anthropic"))
    }
    for alias in names.aliases {
      add(Self.entry(alias.name, like: Self.find(alias.target, lists), ownedBy: "claude-proxy"))
    }
    for name in names.mapped { add(Self.entry(name, like: Self.find(name, lists), ownedBy: "upstream")) }
    for list in lists {
      for model in list.models { add(Self.entry(model.id, like: model, ownedBy: "upstream")) }
    }
    self.entries = entries
  }

  /// The whole list, or what `limit`, `after_id` and `before_id` choose of it; nil if they make no sense.
  package func list(query: String?) -> [UInt8]? {
    guard let page = self.page(query) else { return nil }
    var json = JSONWriter()
    json.beginObject()
    json.member("object", "list")
    json.key("data")
    json.beginArray()
    for entry in page.entries { entry.write(to: &json) }
    json.endArray()
    json.member("has_more", page.hasMore)
    json.key("first_id")
    json.name(page.entries.first?.id)
    json.key("last_id")
    json.name(page.entries.last?.id)
    json.endObject()
    return json.takeBytes() + [0x0A]
  }

  /// One model by its id, else by one that differs in case alone.
  package func one(_ id: String) -> [UInt8]? {
    let plain = id.lowercased()
    guard
      let entry = self.entries.first(where: { $0.id == id })
        ?? self.entries.first(where: { $0.id.lowercased() == plain })
    else { return nil }
    var json = JSONWriter()
    entry.write(to: &json)
    return json.takeBytes() + [0x0A]
  }

  private func page(_ query: String?) -> (entries: ArraySlice<Entry>, hasMore: Bool)? {
    var limit = self.entries.count
    if let text = PercentText.value(of: "limit", in: query) {
      guard let number = Int(text), number > 0 else { return nil }
      limit = min(limit, number)
    }
    if let id = PercentText.value(of: "before_id", in: query) {
      // A name that has gone since the last page ends the search: better than beginning anew for ever.
      let end = self.entries.firstIndex { $0.id == id } ?? 0
      let start = max(0, end - limit)
      return (self.entries[start..<end], start > 0)
    }
    var start = 0
    if let id = PercentText.value(of: "after_id", in: query) {
      start = self.entries.firstIndex { $0.id == id }.map { $0 + 1 } ?? self.entries.count
    }
    let end = min(self.entries.count, start + limit)
    return (self.entries[start..<end], end < self.entries.count)
  }

  private static func find(_ name: String, _ lists: [ModelList]) -> PublishedModel? {
    for list in lists { if let model = list.find(name) { return model } }
    return nil
  }

  private static func entry(_ id: String, like model: PublishedModel?, ownedBy: String) -> Entry {
    var entry = Entry(id: id, ownedBy: model?.ownedBy ?? ownedBy)
    guard let model else { return entry }
    entry.displayName = model.id == id ? model.displayName : nil
    entry.createdSeconds = model.createdSeconds ?? 0
    entry.contextTokens = model.contextTokens
    entry.outputTokens = model.outputTokens
    entry.features = model.features
    return entry
  }
}

extension ModelsPage.Entry {
  fileprivate func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("id", self.id)
    json.member("object", "model")
    json.member("type", "model")
    json.member("created", self.createdSeconds)
    json.member("created_at", Timestamp.utc(unixSeconds: self.createdSeconds))
    json.member("display_name", self.displayName ?? self.id)
    json.member("owned_by", self.ownedBy)
    json.member("lifecycle", "active")
    if let tokens = self.contextTokens {
      json.member("max_input_tokens", tokens)
    }
    if let tokens = self.outputTokens {
      json.member("max_tokens", tokens)
    }
    if !self.features.isEmpty {
      json.key("supported_features")
      json.beginArray()
      for feature in self.features { json.string(feature) }
      json.endArray()
    }
    json.endObject()
  }
}

extension JSONWriter {
  fileprivate mutating func name(_ text: String?) {
    if let text { self.string(text) } else { self.null() }
  }
}
