extension SettingTable {
  static let upstreams: [SettingRow] = [
    SettingRow(
      "UPSTREAM", .upstreams, .live,
      .word(["demo"], to: \.upstream.usesDemo) {
        $0.lowercased() == "demo" ? true : nil
      } print: {
        $0 ? "demo" : ""
      },
      "`demo` answers every request with the built-in demo upstream, in both protocols"),
    SettingRow(
      "UPSTREAM_API_URL", .upstreams, .live, .url(to: \.upstream.anthropicURL),
      "The Anthropic-speaking upstream: its full messages URL, used as it stands"),
    SettingRow(
      "UPSTREAM_API_KEY", .upstreams, .live, .secret(to: \.upstream.anthropicKey),
      "The key sent to `UPSTREAM_API_URL`"),
    SettingRow(
      "OPENAI_BASE_URL", .upstreams, .live, .url(to: \.upstream.openAIBaseURL),
      defaultNote: "`https://api.openai.com/v1` once `OPENAI_API_KEY` is set",
      "The OpenAI-speaking upstream: its base URL, to which `/chat/completions` is added"),
    SettingRow(
      "OPENAI_API_KEY", .upstreams, .live, .secret(to: \.upstream.openAIKey),
      "The key sent to the OpenAI-speaking upstream; without it each client's own key is sent"),
    SettingRow(
      "BACKEND_URL", .upstreams, .live, .url(to: \.upstream.backendURL),
      "The OpenAI-speaking upstream by its full chat-completions URL, instead of `OPENAI_BASE_URL`"),
    SettingRow(
      "AZURE_API_VERSION", .upstreams, .live,
      .optionalText("a version such as 2024-10-21", to: \.upstream.azureVersion) {
        $0.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2D || $0 == 0x2E }
      },
      "Makes the OpenAI-speaking upstream one of Azure's: the version in the query, the key as `api-key` too,"
        + " and deployments named after models unless the URL names one"),
    SettingRow(
      "OPENAI_WIRE", .upstreams, .live,
      .word(OpenAIWire.allCases.map(\.rawValue), to: \.upstream.openAIWire) {
        OpenAIWire(rawValue: $0.lowercased())
      } print: {
        $0.rawValue
      },
      "Which of OpenAI's protocols the OpenAI-speaking upstream is spoken to in"),
    SettingRow(
      "MAX_RETRIES", .upstreams, .live, .number(.integer(0...10), to: \.resilience.retries),
      "How often a request is tried again: after a failed connect, and after 408, 409, 429 and 5xx of an"
        + " OpenAI-speaking upstream with a key of the server's"),
    SettingRow(
      "ENABLE_CIRCUIT_BREAKER", .upstreams, .live, .boolean(to: \.resilience.hasBreaker),
      "After five failures in a row an upstream is left alone for 30 seconds"),
    SettingRow(
      "UPSTREAM_PROXY_URL", .upstreams, .live, .proxy(to: \.upstream.proxy),
      defaultNote: "`HTTPS_PROXY`, `http_proxy`, `NO_PROXY` of the process", meansSomethingEmpty: true,
      "The proxy through which upstreams are reached; set and empty means none"),
    SettingRow(
      "DEFAULT_PROXY_URL", .upstreams, .live, .proxyAddress(to: \.upstream.lastResortProxy),
      "The proxy used where nothing else names one, if a connection to it succeeds within half a second at"
        + " start or reload"),
    SettingRow(
      "UPSTREAM_CA_FILE", .upstreams, .live,
      .optionalText("an absolute path", to: \.upstream.caFile) { $0.hasPrefix("/") },
      "A PEM file of certificate authorities trusted beside the system's"),
    SettingRow(
      "UPSTREAM_HTTP2", .upstreams, .live, .boolean(to: \.upstream.usesHTTP2),
      "Speak HTTP/2 to upstreams that offer it; each connection carries one request at a time all the same"),
  ]

  static let headers: [SettingRow] = [
    SettingRow(
      "UPSTREAM_ANTHROPIC_VERSION", .headers, .live, .field(to: \.headers.anthropicVersion),
      meansSomethingEmpty: true,
      "`anthropic-version` of translated requests to `UPSTREAM_API_URL`; empty = not sent"),
    SettingRow(
      "UPSTREAM_ANTHROPIC_BETA", .headers, .live, .field(to: \.headers.anthropicBeta),
      meansSomethingEmpty: true,
      "`anthropic-beta` of translated requests to `UPSTREAM_API_URL`; empty = not sent"),
    SettingRow(
      "UPSTREAM_ANTHROPIC_DANGEROUS", .headers, .live, .field(to: \.headers.dangerousDirectBrowserAccess),
      meansSomethingEmpty: true,
      "`anthropic-dangerous-direct-browser-access` of translated requests to `UPSTREAM_API_URL`;"
        + " empty = not sent"),
    SettingRow(
      "UPSTREAM_X_APP", .headers, .live, .field(to: \.headers.xApp), meansSomethingEmpty: true,
      "`x-app` of translated requests to `UPSTREAM_API_URL`; empty = not sent"),
    SettingRow(
      "UPSTREAM_USER_AGENT", .headers, .live,
      .optionalText("text in one line", to: \.headers.userAgent, if: HeaderSetting.isValue),
      defaultNote: "`claude-proxy/` and the version", meansSomethingEmpty: true,
      "`user-agent` of translated requests to `UPSTREAM_API_URL`; empty = not sent"),
    SettingRow(
      "UPSTREAM_EXTRA_HEADERS_JSON", .headers, .live, .headers(to: \.headers.extra),
      "Further header fields of requests to `UPSTREAM_API_URL`, as a JSON object; an empty text or null takes"
        + " a field away"),
    SettingRow(
      "CUSTOM_HEADER_*", .headers, .live, .header(to: \.headers.custom),
      "A header field of requests to the OpenAI-speaking upstream, over everything else:"
        + " `CUSTOM_HEADER_X_TEAM=core` sends `X-TEAM: core`"),
  ]
}
