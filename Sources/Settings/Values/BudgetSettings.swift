/// How many tokens an answer may have: one set of rules towards each kind of upstream.
package struct BudgetSettings: Sendable, Equatable {
  /// A model and how many tokens its prompt and answer may have together.
  package struct Window: Sendable, Equatable {
    package let model: String
    package let tokens: Int
  }

  package static let usualCharactersPerToken = 4.0

  /// For chat clients that set none, towards the Anthropic-speaking upstream.
  package var standard = 4096
  /// 0 or less means 8192.
  package var hardLimit = 16_384
  package var isDynamic = false
  package var windows: [Window] = []
  package var safetyMargin = 1024
  package var charactersPerToken = Self.usualCharactersPerToken
  package var tokensPerImage = 256
  /// Towards the OpenAI-speaking upstream; nil = as the client says.
  package var upperBound: Int?
  package var lowerBound: Int?

  package func window(of model: String) -> Int? { self.windows.last { $0.model == model }?.tokens }
}

/// How tokens are counted where no upstream is asked.
package struct TokenSettings: Sendable, Equatable {
  package enum Counter: String, Sendable, Equatable, CaseIterable { case tiktoken, chars }
  package enum Encoding: String, Sendable, Equatable, CaseIterable {
    case auto
    case o200k = "o200k_base"
    case cl100k = "cl100k_base"
  }

  package var counter = Counter.tiktoken
  package var encoding = Encoding.auto
  /// Where the vocabularies are; nil = where the package puts them.
  package var dataDirectory: String?
}
