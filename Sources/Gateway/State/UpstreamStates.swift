package import Settings

/// The states of one configuration's upstreams, looked up once so that no request has to.
package struct UpstreamStates: Sendable {
  private let anthropic: UpstreamState?
  private let openAI: UpstreamState?
  private let demo: UpstreamState

  package init(_ state: DaemonState, _ plan: UpstreamPlan) {
    self.anthropic = plan.anthropic.map { state.upstream(.anthropic($0)) }
    self.openAI = plan.openAI.map { state.upstream(.openAI($0)) }
    self.demo = state.upstream(.demo)
  }

  package subscript(name: UpstreamName) -> UpstreamState {
    switch name {
    case .anthropic: self.anthropic ?? self.demo
    case .openAI: self.openAI ?? self.demo
    case .demo: self.demo
    }
  }
}
