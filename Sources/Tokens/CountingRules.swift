package import Wire

/// How requests are counted, as the settings have it.
package struct CountingRules: Sendable, Equatable {
  /// The encoding for every model; nil chooses by the model's name.
  package var encoding: EncodingName?
  /// What an image of unknown size counts.
  package var imageEquivalent: Int
  package var charactersPerToken: Double

  package init(encoding: EncodingName? = nil, imageEquivalent: Int = 256, charactersPerToken: Double = 4) {
    self.encoding = encoding
    self.imageEquivalent = max(0, min(imageEquivalent, 1 << 24))
    let isUsable = charactersPerToken.isFinite && charactersPerToken > 0
    self.charactersPerToken = isUsable ? charactersPerToken : 4
  }

  /// Characters as tokens: at least one, as the estimators of the older proxies had it.
  func tokens(characters: Int, images: Int) -> Int {
    let texts = Int(min(Double(characters) / self.charactersPerToken, 1e15))
    return max(1, texts + Int(min(Double(images) * Double(self.imageEquivalent), 1e15)))
  }
}

/// The encodings a process has tables for; without any, characters are counted.
package struct Vocabularies: Sendable {
  private var known: [EncodingName: Vocabulary] = [:]

  package init(_ vocabularies: [Vocabulary] = []) {
    for vocabulary in vocabularies { self.known[vocabulary.name] = vocabulary }
  }

  package subscript(name: EncodingName) -> Vocabulary? { self.known[name] }
  package var isEmpty: Bool { self.known.isEmpty }
  package var names: [EncodingName] { EncodingName.allCases.filter { self.known[$0] != nil } }
}

/// What one thread counts requests with.
package final class TokenCounter {
  package let rules: CountingRules
  private let vocabularies: Vocabularies
  private var scratches: [EncodingName: TokenScratch] = [:]

  package init(_ vocabularies: Vocabularies, _ rules: CountingRules) {
    self.vocabularies = vocabularies
    self.rules = rules
  }

  /// Those there are tables for; none: characters are counted.
  package var encodings: [EncodingName] { self.vocabularies.names }

  /// What a model's texts are counted by; nil: by their characters.
  package func encoding(for model: String) -> EncodingName? {
    let name = self.rules.encoding ?? EncodingName(model: model)
    return self.vocabularies[name] == nil ? nil : name
  }

  /// Begins to count a request of either protocol towards a model; `advance` does the work. `prompt` is what the
  /// upstream reads beside it.
  package func count(_ request: JSONDocument, model: String, prompt: String = "") -> RequestCounting {
    let name = self.rules.encoding ?? EncodingName(model: model)
    return RequestCounting(
      request, ModelFamily(model: model), self.rules, self.scratch(name), prompt: prompt)
  }

  /// The same in one go.
  package func tokens(_ request: JSONDocument, model: String) -> Int {
    var counting = self.count(request, model: model)
    while true {
      if let tokens = counting.advance(Int.max) { return tokens }
    }
  }

  package func tokens(text: Span<UInt8>, model: String) -> Int {
    let name = self.rules.encoding ?? EncodingName(model: model)
    if let scratch = self.scratch(name) { return scratch.count(text) }
    var characters = 0
    for index in text.indices where text[index] & 0xC0 != 0x80 { characters += 1 }
    return characters == 0 ? 0 : self.rules.tokens(characters: characters, images: 0)
  }

  private func scratch(_ name: EncodingName) -> TokenScratch? {
    if let scratch = self.scratches[name] { return scratch }
    guard let vocabulary = self.vocabularies[name] else { return nil }
    let scratch = TokenScratch(vocabulary)
    self.scratches[name] = scratch
    return scratch
  }
}
