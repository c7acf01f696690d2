import Testing
import Tokens
import Wire

@testable import Gateway
@testable import Settings

/// Budgets of tokens: A7.1 with its checked values, and the two bounds towards OpenAI-speaking upstreams.
@Suite struct TokenBudgetTests {
  static let prompt = "You are Claude Code, Anthropic's official CLI for Claude."

  /// What a request with that text and so many images is granted.
  private func grant(
    _ asked: Int?, text: Int = 0, images: Int = 0, _ change: (inout BudgetSettings) -> Void = { _ in }
  ) throws -> Int {
    var settings = BudgetSettings()
    change(&settings)
    let image = #"{"type":"image_url","image_url":{"url":"data:image/png;base64,AAA="}}"#
    var parts = Array(repeating: image, count: images)
    if text > 0 { parts.append(#"{"type":"text","text":"\#(String(repeating: "x", count: text))"}"#) }
    let body = #"{"messages":[{"role":"user","content":[\#(parts.joined(separator: ","))]}]}"#
    var all = Settings()
    all.budget = settings
    let countable = Countable(request: try JSONDocument(body), model: "m", prompt: Self.prompt)
    let count = TokenCounter(Vocabularies(), all).count(countable)
    let budget = TokenBudget(settings, ModelSettings())
    let ceiling = budget.ceiling(model: "m") ?? budget.ceiling(model: "m", promptTokens: count.tokens)
    return min(asked ?? budget.standard, ceiling)
  }

  private static func dynamic(_ settings: inout BudgetSettings) {
    settings.isDynamic = true
    settings.windows = [.init(model: "m", tokens: 10_000)]
  }

  @Test("without a window the hard limit counts")
  func fixed() throws {
    #expect(try self.grant(nil) == 4096)
    #expect(try self.grant(99_999) == 16_384)
    #expect(try self.grant(99_999) { $0.hardLimit = 0 } == 8192)
    #expect(try self.grant(99_999) { $0.hardLimit = -1 } == 8192)
    #expect(try self.grant(64) == 64)
    #expect(try self.grant(99_999) { $0.isDynamic = true } == 16_384)
  }

  @Test(
    "with a window the prompt's share is taken off",
    arguments: [
      (nil, 400, 0, 4096), (99_999, 400, 0, 8862), (nil, 34_000, 0, 462), (5000, 40_000, 0, 256),
      (10, 40_000, 0, 10), (99_999, 0, 4, 7938), (99_999, 400, 4, 7838),
    ] as [(Int?, Int, Int, Int)])
  func window(asked: Int?, text: Int, images: Int, expected: Int) throws {
    #expect(try self.grant(asked, text: text, images: images, Self.dynamic) == expected)
  }

  @Test("a full window leaves 256, or the hard limit if that is less; no limit leaves the whole budget")
  func edges() throws {
    let full = { (settings: inout BudgetSettings) in
      Self.dynamic(&settings)
      settings.hardLimit = 100
    }
    #expect(try self.grant(5000, text: 40_000, full) == 100)
    let unlimited = { (settings: inout BudgetSettings) in
      Self.dynamic(&settings)
      settings.hardLimit = 0
    }
    #expect(try self.grant(99_999, text: 400, unlimited) == 8862)
    let free = { (settings: inout BudgetSettings) in
      Self.dynamic(&settings)
      settings.safetyMargin = -5
    }
    #expect(try self.grant(99_999, text: 400, free) == 9886)
  }

  @Test("an image costs its tokens whatever the ratio", arguments: [(3.5, 7936), (0.5, 7838), (4, 7938)])
  func images(ratio: Double, expected: Int) throws {
    let granted = try self.grant(99_999, images: 4) {
      Self.dynamic(&$0)
      $0.charactersPerToken = ratio
    }
    #expect(granted == expected)
  }

  @Test("a model's window is found by its name, else by its alias's target")
  func aliases() {
    var settings = BudgetSettings()
    Self.dynamic(&settings)
    var models = ModelSettings()
    models.aliases = [.init(name: "al", target: "m")]
    let budget = TokenBudget(settings, models)
    #expect(budget.ceiling(model: "al") == nil)
    #expect(budget.ceiling(model: "al", promptTokens: 76) == 8900)
    #expect(budget.ceiling(model: "other") == 16_384)
    #expect(budget.ceiling(model: "m", promptTokens: Int.max) == 256)
  }

  @Test(
    "towards OpenAI the bounds count only if they are set, the upper one last",
    arguments: [
      (9999, nil, nil, nil), (9999, nil, 4096, 4096), (5, nil, 4096, nil), (5, 100, nil, 100),
      (5, 100, 50, 50), (200, 100, 300, nil),
    ] as [(Int, Int?, Int?, Int?)])
  func bounds(asked: Int, low: Int?, high: Int?, expected: Int?) {
    var settings = BudgetSettings()
    settings.lowerBound = low
    settings.upperBound = high
    #expect(TokenBudget(settings, ModelSettings()).bounded(asked) == expected)
  }

  @Test(
    "a query asks for tokens if it names a positive number",
    arguments: [
      ("max_tokens=99999", 99_999), ("a=b&max_tokens=7", 7), ("max_tokens=1&max_tokens=2", 1),
      ("max_tokens=0", nil), ("max_tokens=abc", nil), ("max_tokens=-5", nil), ("max_tokens=", nil),
      ("max_tokens", nil), ("xmax_tokens=5", nil), ("max_tokens=99999999999999999999", 1_000_000_000),
      ("max_tokens=%31%32", 12), ("max_tokens=+7%20", 7), ("max_tokens=1.5", nil), ("max_tokens=%", nil),
      (nil, nil),
    ] as [(String?, Int?)])
  func query(query: String?, expected: Int?) {
    #expect(TokenWish.inQuery(query) == expected)
  }

  @Test(
    "a body's wish is put into a plain integer, or the query's into its place",
    arguments: [
      (#"{"max_tokens":"128","a":1}"#, nil, #"{"max_tokens":128,"a":1}"#),
      (#"{"max_tokens": 12.9}"#, nil, #"{"max_tokens": 12}"#),
      (#"{"max_tokens":true}"#, nil, #"{"max_tokens":null}"#),
      (#"{"max_tokens":" 7 "}"#, nil, #"{"max_tokens":7}"#),
      (#"{"max_tokens":"abc"}"#, nil, #"{"max_tokens":null}"#),
      (#"{"max_tokens":1e300}"#, nil, #"{"max_tokens":1000000000}"#),
      (#"{"max_tokens":99999999999999999999}"#, nil, #"{"max_tokens":1000000000}"#),
      (#"{"max_tokens":"99999999999999999999"}"#, nil, #"{"max_tokens":1000000000}"#),
      (#"{"max_tokens":64}"#, nil, nil), (#"{"a":1}"#, nil, nil),
      (#"{"max_tokens":null}"#, nil, nil), (#"{"max_tokens":-5}"#, nil, nil),
      (#"{"max_tokens":64}"#, 9, #"{"max_tokens":9}"#),
      (#"{"max_tokens":null,"b":{"max_tokens":"x"}}"#, 9, #"{"max_tokens":9,"b":{"max_tokens":"x"}}"#),
      (#"{"max_completion_tokens":64,"max_tokens":"3"}"#, 9, #"{"max_completion_tokens":9,"max_tokens":9}"#),
      (#"{"a":1}"#, 9, #"{"max_tokens":9,"a":1}"#), ("{}", 9, #"{"max_tokens":9}"#),
      (#" { } "#, 9, #" {"max_tokens":9 } "#),
    ] as [(String, Int?, String?)])
  func body(body: String, wish: Int?, expected: String?) throws {
    let settled = TokenWish.settled(try JSONDocument(body).root, inQuery: wish)
    #expect(settled.map { String(decoding: $0, as: UTF8.self) } == expected)
  }
}
