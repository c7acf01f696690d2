internal import Settings
package import Wire

/// What is to be done with a request, decided from its head alone. Indirect, because it is handed on a lot.
package indirect enum Verdict: Sendable, Equatable {
  case relay(Errand)
  case report(StatusPage, inside: Bool)
  case show(SharedPage)
  case reload
  /// The answer to OPTIONS, which names these methods.
  case preflight(allowed: String)
  case misbehave(DebugFault)
  case refuse(ErrorReply)
}

/// Judges requests: route, state, key, in this order, before a byte of the body is read.
package final class Gatekeeper: Sendable {
  private let snapshot: Snapshot
  /// Asked for by the one protocol and by the other.
  private let messages: UpstreamChoice?
  private let chatCompletions: UpstreamChoice?

  package init(_ snapshot: Snapshot) {
    self.snapshot = snapshot
    self.messages = snapshot.settings.plan.messages
    self.chatCompletions = snapshot.settings.plan.chatCompletions
  }

  package func judge(_ head: RequestHead, route: Route, on role: ListenerRole, isDraining: Bool) -> Verdict {
    switch route {
    case .messages, .countTokens, .chatCompletions, .testConnection:
      return self.judgeInference(head, route, isDraining: isDraining)
    case .models:
      return self.judgeModels(head, .models(query: head.query), isDraining: isDraining)
    case .model:
      let path = route.rest(of: head.path).map(String.init) ?? ""
      return self.judgeModels(head, .model(path: path), isDraining: isDraining)
    case .metrics:
      guard Admission.maySeeInside(head.fields, self.snapshot.settings, on: role) else {
        return .refuse(Admission.invalid)
      }
      return .show(.metrics(asJSON: PercentText.value(of: "format", in: head.query) == "json"))
    case .health:
      return .report(.health, inside: Admission.maySeeInside(head.fields, self.snapshot.settings, on: role))
    case .live:
      return .report(.live, inside: false)
    case .ready:
      if isDraining { return .refuse(.draining) }
      return self.refusalOfState.map { .refuse($0) } ?? .report(.ready, inside: false)
    case .root:
      return .report(.root, inside: false)
    case .reload:
      return .reload
    }
  }

  private func judgeInference(
    _ head: RequestHead, _ route: Route, isDraining: Bool
  ) -> Verdict {
    if isDraining { return .refuse(.draining) }
    if let refusal = self.refusalOfState { return .refuse(refusal) }
    guard let upstream = self.upstream(for: route) else {
      return .refuse(.unconfigured(self.snapshot.configurationFile))
    }
    do throws(ErrorReply) {
      let found = ClientCredential.find(in: head)
      let key = try Admission.admit(found, to: upstream, self.snapshot.settings.clients)
      guard head.method != "POST" || MediaType.mayBeJSON(head.fields) else { return .refuse(.notJSON) }
      let deployment = route.rest(of: head.path).flatMap { PercentText.decode($0) } ?? ""
      return .relay(
        Errand(
          route, to: upstream, key: key, mark: found.map { ClientMark(key: $0) },
          deployment: deployment.isEmpty ? nil : deployment))
    } catch {
      return .refuse(error)
    }
  }

  /// Asks for the key that inference in the client's protocol would need.
  private func judgeModels(_ head: RequestHead, _ page: SharedPage, isDraining: Bool) -> Verdict {
    let isAnthropic = RoutingTable.clientProtocol(of: head) == .anthropic
    switch self.judgeInference(head, isAnthropic ? .messages : .chatCompletions, isDraining: isDraining) {
    case .relay: return .show(page)
    case .refuse(let error): return .refuse(error)
    case .report, .show, .preflight, .reload, .misbehave: return .refuse(.notFound)
    }
  }

  private var refusalOfState: ErrorReply? {
    switch self.snapshot.state {
    case .serving: nil
    case .unconfigured: .unconfigured(self.snapshot.configurationFile)
    case .faulty: .badConfiguration
    }
  }

  private func upstream(for route: Route) -> UpstreamChoice? {
    switch route {
    case .messages, .countTokens, .testConnection: self.messages
    case .chatCompletions: self.chatCompletions
    case .models, .model, .metrics, .health, .live, .ready, .root, .reload: nil
    }
  }
}
