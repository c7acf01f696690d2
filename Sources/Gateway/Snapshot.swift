package import Settings

/// What one generation of workers serves by. Never changes; a reload makes another.
package struct Snapshot: Sendable {
  package enum State: Sendable, Equatable {
    case serving
    /// No upstream is named: requests are told which file to edit.
    case unconfigured
    /// The file was bad when sockets were passed already: requests are told where the reason stands.
    case faulty

    package var word: String {
      switch self {
      case .serving: "healthy"
      case .unconfigured: "unconfigured"
      case .faulty: "faulty"
      }
    }
  }

  package let settings: Settings
  package let state: State
  package let generation: Int
  /// The file to edit.
  package let configurationFile: String

  package init(_ settings: Settings, isFaulty: Bool, generation: Int, configurationFile: String) {
    self.settings = settings
    self.generation = generation
    self.configurationFile = configurationFile
    self.state = isFaulty ? .faulty : settings.plan.isConfigured ? .serving : .unconfigured
  }
}
