import Gateway
import Testing
import Wire

/// Which route a method and a raw path lead to.
@Suite struct RoutingTests {
  @Test(
    "each path takes its methods and no others",
    arguments: [
      ("/v1/messages", Route.messages, ["POST"]), ("/v1/chat/completions", .chatCompletions, ["POST"]),
      ("/v1/models", .models, ["GET", "HEAD"]), ("/v1/models/a%2Fb", .model, ["GET", "HEAD"]),
      ("/v1/models/a/b", .model, ["GET", "HEAD"]), ("/metrics", .metrics, ["GET", "HEAD"]),
      ("/test-connection", .testConnection, ["GET"]),
      ("/health", .health, ["GET", "HEAD"]), ("/livez", .live, ["GET", "HEAD"]),
      ("/readyz", .ready, ["GET", "HEAD"]), ("/", .root, ["GET", "HEAD"]),
      ("/admin/reload", .reload, ["POST"]),
    ])
  func methods(_ path: String, _ route: Route, _ methods: [String]) {
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "post", "TRACE"] {
      let match = RoutingTable.match(method: method, path: path, on: .admin)
      if methods.contains(method) {
        #expect(match == .found(route))
      } else {
        let allowed = methods.joined(separator: ", ")
        #expect(match == .wrongMethod(route.clientProtocol, allowed: allowed))
      }
    }
  }

  @Test("reload is known on the admin socket only")
  func reload() {
    #expect(RoutingTable.match(method: "POST", path: "/admin/reload", on: .admin) == .found(.reload))
    #expect(RoutingTable.match(method: "GET", path: "/admin/reload", on: .inference) == .nothing(.openAI))
  }

  @Test(
    "a path that is not exactly a route's is none",
    arguments: [
      "", "*", "/v1/messages/", "/v1//messages", "//v1/messages", "/V1/messages", "/v1/Messages",
      "/v1/messages%20",
      "/v1/%6dessages", "/v1/./messages", "/v1/x/../messages", "/v1/messages;a=b", "/v1/chat/completions/",
      "/healthz",
      "/health/", "/admin", "/admin/reload/", "/v1/messages/count_tokens/", "/v1/messages/count", "/v1/chat",
      "/v1/models/",
      "/v1/modelsx", "/metrics/", "/../health",
      "/v1/messages\u{0}",
    ])
  func nothing(_ path: String) {
    for role in [ListenerRole.inference, .admin] {
      let match = RoutingTable.match(method: "POST", path: path, on: role)
      #expect(match == .nothing(path.hasPrefix("/v1/messages") ? .anthropic : .openAI))
    }
  }

  @Test("only inference needs an upstream, and only messages speak Anthropic's protocol")
  func kinds() {
    #expect(Route.allCases.filter(\.isInference) == [.messages, .countTokens, .chatCompletions])
    #expect(Route.allCases.filter { $0.clientProtocol == .anthropic } == [.messages, .countTokens])
    #expect(Set(Route.allCases.map(\.word)).count == Route.allCases.count)
  }
}
