internal import Wire

/// Why there is no new list of models.
package enum DiscoveryFault: String, Error, Sendable, Equatable {
  case unreachable = "unreachable"
  case timedOut = "timeout"
  /// 401 or 403: the list is only for those who bring a key.
  case needsKey = "needs_key"
  case refused = "refused"
  case unusable = "unusable_answer"
}

/// Reads `/v1/models` in every spelling that OpenAI-like servers are known to answer it in.
///
/// Nothing in it is trusted: entries without a usable id are left out, the rest of an answer that is no list is refused, so
/// that the list before it stays.
package enum ModelListReader {
  package static let mostBytes = 8 << 20
  static let mostModels = 5_000
  static let longestIDBytes = 256
  static let mostFeatures = 64

  package static func read(status: Int, _ body: [UInt8]) throws(DiscoveryFault) -> ModelList {
    if status == 401 || status == 403 { throw .needsKey }
    guard (200..<300).contains(status) else { throw .refused }
    let limits = JSONLimits(maxBytes: Self.mostBytes, maxDepth: 64)
    guard let document = try? JSONDocument(body, limits: limits), let entries = Self.entries(document.root)
    else { throw .unusable }
    var models: [PublishedModel] = []
    var isEmpty = true
    for entry in entries.elements {
      isEmpty = false
      if models.count >= Self.mostModels { break }
      if let model = Self.model(entry) { models.append(model) }
    }
    guard isEmpty || !models.isEmpty else { throw .unusable }
    return ModelList(models)
  }

  /// `{"data":[...]}`; Ollama's own `{"models":[...]}`; or the bare array some hosts answer with.
  private static func entries(_ root: JSONValue) -> JSONValue? {
    if root.kind == .array { return root }
    if let data = root["data"], data.kind == .array { return data }
    if let models = root["models"], models.kind == .array { return models }
    return nil
  }

  private static func model(_ entry: JSONValue) -> PublishedModel? {
    guard let id = Self.name(entry["id"]) ?? Self.name(entry["model"]) ?? Self.name(entry["name"]) else {
      return nil
    }
    var model = PublishedModel(id: id)
    model.displayName = Self.name(entry["display_name"]) ?? Self.name(entry["name"])
    if model.displayName == id { model.displayName = nil }
    model.ownedBy = Self.name(entry["owned_by"])
    model.createdSeconds = Self.count(entry["created"])
    model.contextTokens = Self.first(
      entry, ["max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens"])
    let provider = entry["top_provider"]
    model.outputTokens =
      Self.first(entry, ["max_completion_tokens", "max_output_tokens", "max_output_length", "max_tokens"])
      ?? provider.flatMap { Self.count($0["max_completion_tokens"]) }
    model.features =
      Self.words(entry["supported_features"]) ?? Self.words(entry["supported_parameters"]) ?? []
    model.price = Self.price(entry)
    return model
  }

  /// A text that may stand in a header, a log line and a terminal.
  private static func name(_ value: JSONValue?) -> String? {
    guard let text = value?.string, !text.isEmpty, text.utf8.count <= Self.longestIDBytes,
      text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    else { return nil }
    return text
  }

  private static func first(_ entry: JSONValue, _ names: [StaticString]) -> Int? {
    for name in names { if let count = Self.count(entry[name]) { return count } }
    return nil
  }

  private static func count(_ value: JSONValue?) -> Int? {
    guard let count = value?.integer, count > 0 else { return nil }
    return count
  }

  private static func words(_ value: JSONValue?) -> [String]? {
    guard let value, value.kind == .array else { return nil }
    var words: [String] = []
    for element in value.elements {
      if words.count >= Self.mostFeatures { break }
      if let word = Self.name(element) { words.append(word) }
    }
    return words
  }

  private static func price(_ entry: JSONValue) -> ModelPrice? {
    if let price = entry["price"] {
      let input = price["input"].flatMap { Self.dollars($0["usd"]) }
      let output = price["output"].flatMap { Self.dollars($0["usd"]) }
      if input != nil || output != nil { return ModelPrice(input: input ?? 0, output: output ?? 0) }
    }
    guard let pricing = entry["pricing"] else { return nil }
    let input = Self.dollars(pricing["prompt"])
    let output = Self.dollars(pricing["completion"])
    if input == nil, output == nil { return nil }
    return ModelPrice(input: input ?? 0, output: output ?? 0)
  }

  /// A number, or a number in a string. OpenRouter's strings are dollars for one token, everybody else's numbers for a million.
  private static func dollars(_ value: JSONValue?) -> Double? {
    guard let value else { return nil }
    if let number = value.double, number.isFinite, number >= 0 { return number }
    guard let text = value.string, let number = Double(text), number.isFinite, number >= 0 else { return nil }
    return number < 0.01 ? number * 1_000_000 : number
  }
}
