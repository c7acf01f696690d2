package import Dialogue
package import Settings

/// What the head of a request settled: who answers it, and with whose key.
package struct Errand: Sendable, Equatable {
  package let route: Route
  package let upstream: UpstreamChoice
  /// Sent upstream; nil when the upstream is called without one.
  package let key: String?

  package init(_ route: Route, to upstream: UpstreamChoice, key: String?) {
    self.route = route
    self.upstream = upstream
    self.key = key
  }

  /// What the client speaks.
  package var client: Dialect { self.route == .messages ? .messages : .chat }

  /// What the upstream speaks; the demo answers in either.
  package var dialect: Dialect {
    switch self.upstream {
    case .demo: self.client
    case .anthropic: .messages
    case .openAI: .chat
    }
  }
}
