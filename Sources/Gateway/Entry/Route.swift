package import Wire

/// What a request asks this daemon for.
package enum Route: Sendable, Equatable, CaseIterable {
  case messages
  case countTokens
  case chatCompletions
  case models
  /// One model; its id is the rest of the path.
  case model
  case metrics
  case testConnection
  case health
  case live
  case ready
  case root
  case reload

  package var clientProtocol: ClientProtocol {
    switch self {
    case .messages, .countTokens: .anthropic
    case .chatCompletions, .models, .model, .metrics, .testConnection, .health, .live, .ready, .root,
      .reload:
      .openAI
    }
  }

  /// Whether an upstream answers it.
  package var isInference: Bool {
    switch self {
    case .messages, .countTokens, .chatCompletions: true
    case .models, .model, .metrics, .testConnection, .health, .live, .ready, .root, .reload: false
    }
  }

  /// For the log.
  package var word: String {
    switch self {
    case .messages: "messages"
    case .countTokens: "count-tokens"
    case .chatCompletions: "chat-completions"
    case .models: "models"
    case .model: "model"
    case .metrics: "metrics"
    case .testConnection: "test-connection"
    case .health: "health"
    case .live: "livez"
    case .ready: "readyz"
    case .root: "root"
    case .reload: "reload"
    }
  }

  /// Whether `/` names it to anyone who asks.
  var isAdvertised: Bool {
    switch self {
    case .model, .root, .reload: false
    case .messages, .countTokens, .chatCompletions, .models, .metrics, .testConnection, .health, .live,
      .ready:
      true
    }
  }

  var path: String {
    switch self {
    case .messages: "/v1/messages"
    case .countTokens: "/v1/messages/count_tokens"
    case .chatCompletions: "/v1/chat/completions"
    case .models: "/v1/models"
    case .model: Self.modelPrefix
    case .metrics: "/metrics"
    case .testConnection: "/test-connection"
    case .health: "/health"
    case .live: "/livez"
    case .ready: "/readyz"
    case .root: "/"
    case .reload: "/admin/reload"
    }
  }

  fileprivate var methods: [String] {
    switch self {
    case .messages, .countTokens, .chatCompletions, .reload: ["POST"]
    case .testConnection: ["GET"]
    case .models, .model, .metrics, .health, .live, .ready, .root: ["GET", "HEAD"]
    }
  }

  private static let modelPrefix = "/v1/models/"

  /// What stands behind the route's own part of a path; nil when the path is not this route's.
  package func rest(of path: String) -> Substring? {
    switch self {
    case .model:
      guard path.hasPrefix(self.path), path.utf8.count > self.path.utf8.count else { return nil }
      return path.dropFirst(self.path.count)
    case .chatCompletions: return path == self.path ? "" : AzurePath.deployment(in: path, to: self.path)
    // Clients look there whether anybody is at home.
    case .root: return path == self.path || path == "/api/hello" ? "" : nil
    case .messages, .countTokens, .models, .metrics, .testConnection, .health, .live, .ready, .reload:
      return path == self.path ? "" : nil
    }
  }

  fileprivate func isServed(on role: ListenerRole) -> Bool {
    self != .reload || role == .admin
  }
}

/// What became of the search for a route.
package enum RouteMatch: Sendable, Equatable {
  case found(Route)
  case wrongMethod(ClientProtocol, allowed: String)
  case nothing(ClientProtocol)

  package var route: Route? {
    if case .found(let route) = self { route } else { nil }
  }
}

/// Finds the route of a request by its raw path: the very bytes that authorisation sees too.
package enum RoutingTable {
  package static func match(method: String, path: String, on role: ListenerRole) -> RouteMatch {
    for route in Route.allCases where route.rest(of: path) != nil && route.isServed(on: role) {
      if route.methods.contains(method) { return .found(route) }
      return .wrongMethod(route.clientProtocol, allowed: route.methods.joined(separator: ", "))
    }
    return .nothing(Self.clientProtocol(ofPath: path))
  }

  /// Whose errors a request gets. `/v1/models` is in both protocols: a client of Anthropic's says so.
  package static func clientProtocol(of head: RequestHead) -> ClientProtocol {
    if head.path.hasPrefix("/v1/models"), head.fields.contains("anthropic-version") { return .anthropic }
    return self.clientProtocol(ofPath: head.path)
  }

  /// Whose errors a path without a route gets.
  package static func clientProtocol(ofPath path: String) -> ClientProtocol {
    path.hasPrefix("/v1/messages") ? .anthropic : .openAI
  }
}
