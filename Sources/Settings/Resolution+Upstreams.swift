extension Resolution {
  static let openAIDefaultBase = UpstreamURL(
    scheme: .https, host: "api.openai.com", port: 443, path: "/v1", query: nil)

  mutating func settleUpstreams() {
    let upstream = self.settings.upstream
    if upstream.usesDemo {
      self.settings.plan = UpstreamPlan(isDemo: true)
      for name in [
        "UPSTREAM_API_URL", "OPENAI_BASE_URL", "BACKEND_URL", "UPSTREAM_API_KEY", "OPENAI_API_KEY",
      ] {
        guard let origin = self.origins[name] else { continue }
        self.warn(origin.place, origin.name, "unused while UPSTREAM=demo")
      }
      return
    }
    self.settings.plan = UpstreamPlan(anthropic: self.anthropicUpstream(), openAI: self.openAIUpstream())
  }

  private mutating func anthropicUpstream() -> AnthropicUpstream? {
    let upstream = self.settings.upstream
    guard let url = upstream.anthropicURL else {
      if self.isSound("UPSTREAM_API_URL"), let key = self.origins["UPSTREAM_API_KEY"] {
        self.warn(
          key.place, key.name, "unused: UPSTREAM_API_URL, which names the upstream it is for, is not set")
      }
      return nil
    }
    if upstream.anthropicKey == nil, self.isSound("UPSTREAM_API_KEY"),
      let origin = self.origins["UPSTREAM_API_URL"]
    {
      self.warn(origin.place, origin.name, "UPSTREAM_API_KEY is not set: requests go there without a key")
    }
    return AnthropicUpstream(messagesURL: url, key: upstream.anthropicKey)
  }

  private mutating func openAIUpstream() -> OpenAIUpstream? {
    let upstream = self.settings.upstream
    let base = upstream.openAIBaseURL.map { self.chatCompletions(ofBase: $0) }
    if let base, let backend = upstream.backendURL, base != backend, let origin = self.origins["BACKEND_URL"]
    {
      self.faults.append(
        ConfigurationFault(
          at: origin.place, key: origin.name, value: UpstreamURL.masking(origin.value),
          expected: "the place OPENAI_BASE_URL points to (\(base.masked)), or only one of the two"))
    }
    if let url = base ?? upstream.backendURL {
      let mode: KeyMode = upstream.openAIKey != nil ? .serverKey : base != nil ? .dynamic : .forward
      return OpenAIUpstream(chatCompletionsURL: url, key: upstream.openAIKey, keyMode: mode)
    }
    guard let key = upstream.openAIKey else { return nil }
    return OpenAIUpstream(
      chatCompletionsURL: Self.openAIDefaultBase.appending(path: "chat/completions"), key: key,
      keyMode: .serverKey)
  }

  private mutating func chatCompletions(ofBase base: UpstreamURL) -> UpstreamURL {
    guard base.path.hasSuffix("/chat/completions") else { return base.appending(path: "chat/completions") }
    if let origin = self.origins["OPENAI_BASE_URL"] {
      self.warn(
        origin.place, origin.name,
        "ends in /chat/completions already and is used as it stands; such a URL belongs into BACKEND_URL")
    }
    return base
  }
}
