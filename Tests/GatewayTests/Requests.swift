import Dialogue
import Gateway
import Settings
import Testing
import Wire

/// Requests and configurations as tests write them.
enum Requests {
  struct Unreadable: Error {}

  /// The head of a request in HTTP/1.1, as the parser reads it.
  static func head(
    _ line: String = "POST /v1/messages", _ fields: [(String, String)] = []
  ) throws -> RequestHead {
    var text = "\(line) HTTP/1.1\r\nhost: proxy.example\r\n"
    for (name, value) in fields { text += "\(name): \(value)\r\n" }
    var input = ByteQueue()
    input.append(text + "\r\n")
    var parser = RequestParser(limits: RequestLimits(lineBytes: 8190, fields: 100, fieldBytes: 8190))
    guard case .head(let head) = parser.advance(&input) else { throw Unreadable() }
    return head
  }

  static func fields(_ fields: [(String, String)]) throws -> HeaderFields {
    var kept = HeaderFields()
    for (name, value) in fields {
      guard kept.append(name: name, value: value) else { throw Unreadable() }
    }
    return kept
  }

  static let serverKey = "sk-server-secret-0001"

  static func anthropic(_ url: String = "http://up.example/v1/messages") throws -> UpstreamPlan {
    UpstreamPlan(
      anthropic: AnthropicUpstream(messagesURL: try UpstreamURL(parsing: url), key: Secret(Self.serverKey)))
  }

  static func openAI(
    _ mode: KeyMode, url: String = "http://up.example/v1/chat/completions"
  ) throws -> UpstreamPlan {
    UpstreamPlan(
      openAI: OpenAIUpstream(
        chatCompletionsURL: try UpstreamURL(parsing: url),
        key: mode == .serverKey ? Secret(Self.serverKey) : nil, keyMode: mode))
  }

  static func snapshot(
    _ plan: UpstreamPlan, allowed: [String] = [], anthropicKey: String? = nil, isFaulty: Bool = false
  ) -> Snapshot {
    var settings = Settings()
    settings.plan = plan
    settings.clients.allowedKeys = allowed.map { Secret($0) }
    settings.clients.anthropicKey = anthropicKey.map { Secret($0) }
    return Snapshot(settings, isFaulty: isFaulty, generation: 7, configurationFile: "/etc/x.env")
  }

  /// What a body of the upstream's own protocol becomes.
  static func plan(
    _ head: RequestHead, to upstream: UpstreamChoice = .demo, key: String? = nil, userAgent: String = "u",
    body: String = "{}"
  ) throws -> RequestPlan {
    let route: Route = if case .openAI = upstream { .chatCompletions } else { .messages }
    let planner = Planner(Self.snapshot(UpstreamPlan(isDemo: true)), userAgent: userAgent)
    var surroundings = Surroundings.counted(now: 0)
    let outcome = try planner.plan(
      Errand(route, to: upstream, key: key), head, Array(body.utf8), &surroundings)
    guard case .send(let plan) = outcome else { throw Unreadable() }
    return plan
  }

  static func judge(
    _ snapshot: Snapshot, _ head: RequestHead, _ route: Route, on role: ListenerRole = .inference,
    isDraining: Bool = false
  ) -> Verdict {
    Gatekeeper(snapshot)
      .judge(head, route: route, on: role, isDraining: isDraining)
  }
}

extension Verdict {
  /// `relay KEY`, `relay without a key`, `STATUS CODE`, or what page.
  var word: String {
    switch self {
    case .relay(let errand): return errand.key.map { "relay \($0)" } ?? "relay without a key"
    case .preflight(let allowed): return "preflight \(allowed)"
    case .report(let page, let inside): return "\(page)\(inside ? " inside" : "")"
    case .show(let page): return "show \(page)"
    case .reload: return "reload"
    case .misbehave(let fault): return "misbehave \(fault.rawValue)"
    case .refuse(let error): return "\(error.status) \(error.code ?? "-")"
    }
  }
}
