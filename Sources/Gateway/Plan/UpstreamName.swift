package import Settings

/// Which upstream a request goes to.
package enum UpstreamName: String, Sendable, Equatable {
  case anthropic
  case openAI = "openai"
  case demo
}

extension UpstreamChoice {
  package var name: UpstreamName {
    switch self {
    case .demo: .demo
    case .anthropic: .anthropic
    case .openAI: .openAI
    }
  }
}
