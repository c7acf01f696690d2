package import Dialogue
package import Settings

/// What the head of a request settled: who answers it, and with whose key.
package struct Errand: Sendable, Equatable {
  package let route: Route
  package let upstream: UpstreamChoice
  /// Sent upstream; nil when the upstream is called without one.
  package let key: String?
  /// Whose request it is; nil when the client brought no key.
  package let mark: ClientMark?
  /// The model that the path names, as Azure's clients do.
  package let deployment: String?

  package init(
    _ route: Route, to upstream: UpstreamChoice, key: String?, mark: ClientMark? = nil,
    deployment: String? = nil
  ) {
    self.route = route
    self.upstream = upstream
    self.key = key
    self.mark = mark
    self.deployment = deployment
  }

  /// What the client speaks.
  package var client: Dialect {
    switch self.route {
    case .messages, .countTokens: .messages
    case .testConnection:
      // Whatever is translated, so that the test goes the whole way.
      if case .anthropic = self.upstream { .chat } else { .messages }
    case .chatCompletions, .models, .model, .metrics, .health, .live, .ready, .root, .reload: .chat
    }
  }

  /// What the upstream speaks; the demo answers in either.
  package var dialect: Dialect {
    switch self.upstream {
    case .demo: self.client
    case .anthropic: .messages
    case .openAI: .chat
    }
  }
}
