extension SettingTable {
  static let models: [SettingRow] = [
    SettingRow(
      "DEFAULT_MODEL", .models, .live, .text("a model's name", to: \.models.standard) { $0 },
      "The model of requests to `/v1/chat/completions` that name none"),
    SettingRow(
      "MODEL_ALIASES", .models, .live, .aliases(to: \.models.aliases),
      "Names of models that stand for others, such as `gpt-4o:claude-sonnet-4-5`, separated by commas"),
    SettingRow(
      "BIG_MODEL", .models, .live, .model(to: \.models.explicitBig),
      defaultNote: "`\(ModelSettings.usualBig)` with `OPENAI_BASE_URL`",
      "What an OpenAI-speaking upstream gets for names with `opus` and for unknown ones"),
    SettingRow(
      "MIDDLE_MODEL", .models, .live, .model(to: \.models.explicitMiddle), defaultNote: "`BIG_MODEL`",
      "What an OpenAI-speaking upstream gets for names with `sonnet`"),
    SettingRow(
      "SMALL_MODEL", .models, .live, .model(to: \.models.explicitSmall),
      defaultNote: "`\(ModelSettings.usualSmall)` with `OPENAI_BASE_URL`",
      "What an OpenAI-speaking upstream gets for names with `haiku`; `/test-connection` asks it"),
    SettingRow(
      "MODEL_404_AS_MESSAGE", .models, .live, .boolean(to: \.models.tells404AsMessage),
      "Tell of a model the upstream does not have in an answer that lists the others, not in an error"),
  ]

  static let budget: [SettingRow] = [
    SettingRow(
      "DEFAULT_MAX_TOKENS", .budget, .live, .number(.integer(1...100_000_000), to: \.budget.standard),
      "`max_tokens` of requests to `/v1/chat/completions` that set none, towards `UPSTREAM_API_URL`"),
    SettingRow(
      "MAX_TOKENS_HARD_LIMIT", .budget, .live,
      .number(.integer(-1...100_000_000), to: \.budget.hardLimit),
      "The most `max_tokens` of requests to `/v1/chat/completions`, towards `UPSTREAM_API_URL`; 0 or less"
        + " means 8192"),
    SettingRow(
      "MAX_TOKENS_DYNAMIC", .budget, .live, .boolean(to: \.budget.isDynamic),
      "Lower `max_tokens` to what `MODEL_CONTEXT_LIMITS_JSON` leaves beside the prompt"),
    SettingRow(
      "MODEL_CONTEXT_LIMITS_JSON", .budget, .live, .windows(to: \.budget.windows),
      "Models and how many tokens their prompt and answer may have together, as a JSON object"),
    SettingRow(
      "DYNAMIC_SAFETY_MARGIN", .budget, .live,
      .number(.integer(-100_000_000...100_000_000), to: \.budget.safetyMargin, adjust: { max(0, $0) }),
      "Tokens that are left free beside prompt and answer"),
    SettingRow(
      "TOKEN_EST_CHARS_PER_TOKEN", .budget, .live,
      .decimal(-1_000_000...1_000_000, to: \.budget.charactersPerToken) {
        $0 > 0 ? $0 : BudgetSettings.usualCharactersPerToken
      },
      "Characters that count as one token where characters are counted; 0 or less means 4"),
    SettingRow(
      "IMAGE_TOKEN_EQUIV", .budget, .live, .number(.integer(0...1_000_000), to: \.budget.tokensPerImage),
      "Tokens that an image counts as where its size is not known"),
    SettingRow(
      "MAX_TOKENS_LIMIT", .budget, .live,
      .optionalNumber(.integer(1...100_000_000), to: \.budget.upperBound),
      "The most `max_tokens` towards the OpenAI-speaking upstream; above it is lowered"),
    SettingRow(
      "MIN_TOKENS_LIMIT", .budget, .live,
      .optionalNumber(.integer(1...100_000_000), to: \.budget.lowerBound),
      "The least `max_tokens` towards the OpenAI-speaking upstream; below it is raised"),
    SettingRow(
      "TOKEN_COUNTER", .budget, .live,
      .word(TokenSettings.Counter.allCases.map(\.rawValue), to: \.tokens.counter) {
        TokenSettings.Counter(rawValue: $0.lowercased())
      } print: {
        $0.rawValue
      },
      "How tokens are counted here: `tiktoken` by the upstream's vocabulary, `chars` by"
        + " `TOKEN_EST_CHARS_PER_TOKEN`"),
    SettingRow(
      "TOKEN_ENCODING", .budget, .live,
      .word(TokenSettings.Encoding.allCases.map(\.rawValue), to: \.tokens.encoding) {
        TokenSettings.Encoding(rawValue: $0.lowercased())
      } print: {
        $0.rawValue
      },
      "The vocabulary tokens are counted by; `auto` chooses by the model"),
    SettingRow(
      "TOKEN_DATA_DIR", .budget, .live,
      .optionalText("an absolute path", to: \.tokens.dataDirectory) { $0.hasPrefix("/") },
      defaultNote: "the package's own", "Where the vocabularies are"),
  ]
}
