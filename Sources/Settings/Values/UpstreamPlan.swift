/// Whose key goes upstream, and what is asked of the client's.
package enum KeyMode: Sendable, Equatable {
  /// "Static": the server's key is sent, the client's is checked against `ClientSettings` if any are set there.
  case serverKey
  /// The client's key is sent; if `ANTHROPIC_API_KEY` is set it must begin with `sk-`.
  case dynamic
  /// The client's key is sent; one that contains `sk-ant-` is refused.
  case forward
}

/// An upstream that speaks Anthropic's Messages.
package struct AnthropicUpstream: Sendable, Equatable {
  package let messagesURL: UpstreamURL
  package let key: Secret?

  package init(messagesURL: UpstreamURL, key: Secret?) {
    self.messagesURL = messagesURL
    self.key = key
  }
}

/// An upstream that speaks OpenAI's Chat Completions.
package struct OpenAIUpstream: Sendable, Equatable {
  package let chatCompletionsURL: UpstreamURL
  package let key: Secret?
  package let keyMode: KeyMode
  /// Named by its base URL, which has names of models mapped; not by `BACKEND_URL`.
  package let isNamedByBase: Bool
  package let azure: AzureFlavour?

  package init(
    chatCompletionsURL: UpstreamURL, key: Secret?, keyMode: KeyMode, isNamedByBase: Bool = true,
    azure: AzureFlavour? = nil
  ) {
    self.chatCompletionsURL = chatCompletionsURL
    self.key = key
    self.keyMode = keyMode
    self.isNamedByBase = isNamedByBase
    self.azure = azure
  }

  /// Where a request for that model goes: a resource of Azure's has one URL for each deployment.
  package func url(forModel model: String) -> UpstreamURL {
    guard let azure = self.azure, azure.isPerModel else { return self.chatCompletionsURL }
    let name = UpstreamURL.percentEncoded(segment: model)
    return self.chatCompletionsURL.appending(path: "\(name)/chat/completions")
  }
}

/// Who answers a request. Indirect, because each request hands it on several times.
package indirect enum UpstreamChoice: Sendable, Equatable {
  case demo
  case anthropic(AnthropicUpstream)
  case openAI(OpenAIUpstream)

  package var keyMode: KeyMode {
    switch self {
    case .demo, .anthropic: .serverKey
    case .openAI(let upstream): upstream.keyMode
    }
  }

  /// Whether a request costs the operator's money.
  package var spendsServerKey: Bool {
    switch self {
    case .demo: false
    case .anthropic(let upstream): upstream.key != nil
    case .openAI(let upstream): upstream.key != nil
    }
  }
}

/// The upstreams of a configuration and which of them each route asks.
package struct UpstreamPlan: Sendable, Equatable {
  package var isDemo = false
  package var anthropic: AnthropicUpstream?
  package var openAI: OpenAIUpstream?

  package init(isDemo: Bool = false, anthropic: AnthropicUpstream? = nil, openAI: OpenAIUpstream? = nil) {
    self.isDemo = isDemo
    self.anthropic = anthropic
    self.openAI = openAI
  }

  package var isConfigured: Bool { self.isDemo || self.anthropic != nil || self.openAI != nil }

  /// `/v1/messages` and its kin; nil = unconfigured.
  package var messages: UpstreamChoice? {
    if self.isDemo { return .demo }
    return self.openAI.map(UpstreamChoice.openAI) ?? self.anthropic.map(UpstreamChoice.anthropic)
  }

  /// `/v1/chat/completions`; nil = unconfigured.
  package var chatCompletions: UpstreamChoice? {
    if self.isDemo { return .demo }
    return self.anthropic.map(UpstreamChoice.anthropic) ?? self.openAI.map(UpstreamChoice.openAI)
  }
}
