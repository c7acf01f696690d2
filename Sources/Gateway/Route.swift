/// What a request asks this daemon for.
package enum Route: Sendable, Equatable, CaseIterable {
  case messages
  case chatCompletions
  case health
  case live
  case ready
  case root
  case reload

  package var clientProtocol: ClientProtocol {
    self == .messages ? .anthropic : .openAI
  }

  /// Whether an upstream answers it.
  package var isInference: Bool {
    switch self {
    case .messages, .chatCompletions: true
    case .health, .live, .ready, .root, .reload: false
    }
  }

  /// For the log.
  package var word: String {
    switch self {
    case .messages: "messages"
    case .chatCompletions: "chat-completions"
    case .health: "health"
    case .live: "livez"
    case .ready: "readyz"
    case .root: "root"
    case .reload: "reload"
    }
  }

  fileprivate var path: String {
    switch self {
    case .messages: "/v1/messages"
    case .chatCompletions: "/v1/chat/completions"
    case .health: "/health"
    case .live: "/livez"
    case .ready: "/readyz"
    case .root: "/"
    case .reload: "/admin/reload"
    }
  }

  fileprivate var methods: [String] {
    switch self {
    case .messages, .chatCompletions, .reload: ["POST"]
    case .health, .live, .ready, .root: ["GET", "HEAD"]
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
    for route in Route.allCases where route.path == path && route.isServed(on: role) {
      if route.methods.contains(method) { return .found(route) }
      return .wrongMethod(route.clientProtocol, allowed: route.methods.joined(separator: ", "))
    }
    return .nothing(Self.clientProtocol(ofPath: path))
  }

  /// Whose errors a path without a route gets.
  package static func clientProtocol(ofPath path: String) -> ClientProtocol {
    path.hasPrefix("/v1/messages") ? .anthropic : .openAI
  }
}
