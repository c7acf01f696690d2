extension Settings {
  /// What `check` prints of an accepted configuration and the first log lines repeat; no key is in it.
  package var summary: [String] {
    [
      "listening: \(self.listening.inWords), unless systemd passes sockets",
      "workers: \(self.workers.inWords)",
      "/v1/messages: \(self.inWords(self.plan.messages))",
      "/v1/chat/completions: \(self.inWords(self.plan.chatCompletions))",
      "log level: \(self.logLevel.word)",
    ]
  }

  private func inWords(_ choice: UpstreamChoice?) -> String {
    switch choice {
    case .demo: "the built-in demo upstream, \(self.clientKeysInWords)"
    case .anthropic(let upstream):
      "Anthropic-speaking \(upstream.messagesURL.masked), key \(Self.inWords(upstream.key)),"
        + " \(self.clientKeysInWords)"
    case .openAI(let upstream): self.inWords(upstream)
    case nil: "unconfigured (set UPSTREAM_API_URL, OPENAI_BASE_URL, BACKEND_URL or UPSTREAM=demo)"
    }
  }

  private func inWords(_ upstream: OpenAIUpstream) -> String {
    let place = "OpenAI-speaking \(upstream.chatCompletionsURL.masked)"
    switch upstream.keyMode {
    case .serverKey: return "\(place), key \(Self.inWords(upstream.key)), \(self.clientKeysInWords)"
    case .dynamic, .forward: return "\(place), each client's own key is sent on"
    }
  }

  private static func inWords(_ key: Secret?) -> String { key?.description ?? "unset" }

  private var clientKeysInWords: String {
    switch self.clients.allowedKeys.count + (self.clients.anthropicKey == nil ? 0 : 1) {
    case 0: "client keys are not checked"
    case 1: "1 client key is accepted"
    case let count: "\(count) client keys are accepted"
    }
  }
}
