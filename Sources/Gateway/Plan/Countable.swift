package import Dialogue
package import Settings
package import Tokens
package import Wire

/// A request whose tokens somebody wants to know.
package struct Countable {
  package let request: JSONDocument
  /// Who reads it.
  package let model: String
  /// What the upstream reads beside it.
  package let prompt: String

  package init(request: JSONDocument, model: String, prompt: String = "") {
    self.request = request
    self.model = model
    self.prompt = prompt
  }

  package func begin(_ counter: TokenCounter) -> RequestCounting {
    counter.count(self.request, model: self.model, prompt: self.prompt)
  }
}

/// How many tokens something is, and what they were counted by.
package struct TokenCount: Sendable, Equatable {
  package let tokens: Int
  /// Nil: characters were counted.
  package let encoding: EncodingName?

  package init(_ tokens: Int, by encoding: EncodingName?) {
    self.tokens = tokens
    self.encoding = encoding
  }
}

extension TokenCount {
  /// The answer to a client that asked for nothing else.
  package var answer: HTTPAnswer {
    var json = JSONWriter()
    json.object { $0.member("input_tokens", self.tokens) }
    return HTTPAnswer(
      status: 200,
      headers: [
        HTTPField("content-type", "application/json"), HTTPField("x-proxy-count", "local"),
        HTTPField("x-proxy-counter", self.encoding?.rawValue ?? TokenSettings.Counter.chars.rawValue),
      ], body: json.takeBytes())
  }
}

extension CountingRules {
  package init(_ settings: Settings) {
    self.init(
      encoding: EncodingName(rawValue: settings.tokens.encoding.rawValue),
      imageEquivalent: settings.budget.tokensPerImage,
      charactersPerToken: settings.budget.charactersPerToken)
  }
}

extension TokenCounter {
  /// `vocabularies` are those that were found, used only where tokens are wanted.
  package convenience init(_ vocabularies: Vocabularies, _ settings: Settings) {
    self.init(
      settings.tokens.counter == .tiktoken ? vocabularies : Vocabularies(), CountingRules(settings))
  }

  /// How many tokens an answer's text is. Of a long one the beginning is counted: it must not hold up a worker.
  package func estimate(_ text: [UInt8], model: String) -> Int {
    let counted = min(text.count, 4 * RequestCounting.slice)
    guard counted > 0 else { return 0 }
    let tokens = self.tokens(text: text.span.extracting(first: counted), model: model)
    // Both are bounded by the reply's length.
    return counted == text.count ? tokens : Int(Double(tokens) * Double(text.count) / Double(counted))
  }

  /// In one go, for whoever has nothing else to do.
  package func count(_ countable: Countable) -> TokenCount {
    var counting = countable.begin(self)
    let encoding = counting.encoding
    while true {
      if let tokens = counting.advance(Int.max) { return TokenCount(tokens, by: encoding) }
    }
  }
}
