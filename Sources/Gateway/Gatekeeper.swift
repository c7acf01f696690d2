internal import Settings
package import Wire

/// What is to be done with a request, decided from its head alone.
package enum Verdict: Sendable, Equatable {
  case relay(RequestPlan)
  case report(StatusPage, inside: Bool)
  case reload
  case refuse(ErrorReply)
}

/// Judges requests: route, state, key, in this order, before a byte of the body is read.
package struct Gatekeeper: Sendable {
  private let snapshot: Snapshot
  /// For requests that come without one.
  private let userAgent: String

  package init(_ snapshot: Snapshot, userAgent: String) {
    self.snapshot = snapshot
    self.userAgent = userAgent
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
      return self.judgeWithoutUpstream(head, route)
    }
    do throws(ErrorReply) {
      let key = try Admission.admit(head.fields, to: upstream, self.snapshot.settings.clients)
      return .relay(RequestPlan(head, to: upstream, key: key, userAgent: self.userAgent))
    } catch {
      return .refuse(error)
    }
  }

  /// The upstream that would need translation decides who may call, so that its errors are not told to strangers.
  private func judgeWithoutUpstream(_ head: RequestHead, _ route: Route) -> Verdict {
    let plan = self.snapshot.settings.plan
    guard let other = route == .messages ? plan.messages : plan.chatCompletions else {
      return .refuse(.unconfigured(self.snapshot.configurationFile))
    }
    do throws(ErrorReply) {
      _ = try Admission.admit(head.fields, to: other, self.snapshot.settings.clients)
      return .refuse(.otherProtocol)
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

  /// Equal protocols only, until there is a translation.
  private func upstream(for route: Route) -> UpstreamChoice? {
    let plan = self.snapshot.settings.plan
    if plan.isDemo { return .demo }
    return switch route {
    case .messages: plan.anthropic.map { .anthropic($0) }
    case .chatCompletions: plan.openAI.map { .openAI($0) }
    case .health, .live, .ready, .root, .reload: nil
    }
  }
}
