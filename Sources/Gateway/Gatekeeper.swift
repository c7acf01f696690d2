internal import Settings
package import Wire

/// What is to be done with a request, decided from its head alone.
package enum Verdict: Sendable, Equatable {
  case relay(Errand)
  case report(StatusPage, inside: Bool)
  case reload
  /// The answer to OPTIONS, which names these methods.
  case preflight(allowed: String)
  case refuse(ErrorReply)
}

/// Judges requests: route, state, key, in this order, before a byte of the body is read.
package struct Gatekeeper: Sendable {
  private let snapshot: Snapshot

  package init(_ snapshot: Snapshot) {
    self.snapshot = snapshot
  }

  package func judge(_ head: RequestHead, route: Route, on role: ListenerRole, isDraining: Bool) -> Verdict {
    switch route {
    case .messages, .chatCompletions:
      return self.judgeInference(head, route, isDraining: isDraining)
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
      let key = try Admission.admit(head.fields, to: upstream, self.snapshot.settings.clients)
      return .relay(Errand(route, to: upstream, key: key))
    } catch {
      return .refuse(error)
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
    let plan = self.snapshot.settings.plan
    return switch route {
    case .messages: plan.messages
    case .chatCompletions: plan.chatCompletions
    case .health, .live, .ready, .root, .reload: nil
    }
  }
}
