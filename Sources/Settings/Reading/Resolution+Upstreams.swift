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
    let backend = upstream.backendURL.map { ($0, AzureFlavour?.none) }
    guard let named = base ?? backend ?? self.vendorsOwn() else {
      if let origin = self.origins["AZURE_API_VERSION"] {
        self.warn(origin.place, origin.name, "unused: neither OPENAI_BASE_URL nor BACKEND_URL is set")
      }
      return nil
    }
    if let base, let backend = upstream.backendURL, base.0 != backend,
      let origin = self.origins["BACKEND_URL"]
    {
      self.faults.append(
        ConfigurationFault(
          at: origin.place, key: origin.name, value: UpstreamURL.masking(origin.value),
          expected: "the place OPENAI_BASE_URL points to (\(base.0.masked)), or only one of the two"))
    }
    var (url, azure) = named
    if let version = upstream.azureVersion {
      azure = azure ?? AzureFlavour(version: version, isPerModel: false)
      url = url.asking(forVersion: version)
      self.checkVersion(url, version)
    }
    let isNamedByBase = base != nil || upstream.backendURL == nil
    let mode: KeyMode = upstream.openAIKey != nil ? .serverKey : isNamedByBase ? .dynamic : .forward
    return OpenAIUpstream(
      chatCompletionsURL: url, key: upstream.openAIKey, keyMode: mode, isNamedByBase: isNamedByBase,
      azure: azure)
  }

  /// A key alone means its vendor.
  private mutating func vendorsOwn() -> (UpstreamURL, AzureFlavour?)? {
    guard self.settings.upstream.openAIKey != nil else { return nil }
    if let origin = self.origins["AZURE_API_VERSION"] {
      self.faults.append(
        ConfigurationFault(
          at: origin.place, key: origin.name, value: origin.value,
          expected: "OPENAI_BASE_URL or BACKEND_URL beside it, which names the Azure resource"))
    }
    return (Self.openAIDefaultBase.appending(path: "chat/completions"), nil)
  }

  private mutating func checkVersion(_ url: UpstreamURL, _ version: String) {
    guard let said = url.azureVersion, said != version, let origin = self.origins["AZURE_API_VERSION"] else {
      return
    }
    self.faults.append(
      ConfigurationFault(
        at: origin.place, key: origin.name, value: version,
        expected: "the version that stands in the upstream's URL, or only one of the two"))
  }

  private mutating func chatCompletions(ofBase base: UpstreamURL) -> (UpstreamURL, AzureFlavour?) {
    guard base.path.hasSuffix("/chat/completions") else {
      guard let version = self.settings.upstream.azureVersion else {
        return (base.appending(path: "chat/completions"), nil)
      }
      let (url, azure) = AzureFlavour.chatCompletions(ofBase: base, version)
      return (url, azure)
    }
    if let origin = self.origins["OPENAI_BASE_URL"] {
      self.warn(
        origin.place, origin.name,
        "ends in /chat/completions already and is used as it stands; such a URL belongs into BACKEND_URL")
    }
    return (base, nil)
  }
}
