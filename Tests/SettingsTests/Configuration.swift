import Settings
import Testing

/// Resolves a configuration written as text, the way the daemon's loader would hand it over.
struct Configuration {
  static let path = "claude-proxy.env"
  var sources: ConfigurationSources

  init(
    _ text: String = "", environment: [(name: String, value: String)] = [],
    credentials: [String: String] = [:], files: [String: String] = [:], listeners: ListenerOrigin = .bound
  ) {
    self.sources = ConfigurationSources(
      files: [.init(path: Self.path, bytes: Array(text.utf8))], environment: environment,
      credentials: credentials.mapValues { Array($0.utf8) }, listeners: listeners,
      readFile: { path in
        files[path].map { .success(Array($0.utf8)) } ?? .failure(.init(reason: "No such file or directory"))
      })
  }

  var outcome: ConfigurationOutcome { Settings.resolve(self.sources) }

  /// The settings of a configuration that must be accepted.
  func settings(_ location: SourceLocation = #_sourceLocation) throws -> Settings {
    switch self.outcome {
    case .accepted(let settings, _): return settings
    case .refused(let faults, _):
      Issue.record("refused: \(faults.map(\.description))", sourceLocation: location)
      throw Refused()
    }
  }

  var faults: [String] {
    switch self.outcome {
    case .accepted: []
    case .refused(let faults, _): faults.map(\.description)
    }
  }

  var remarks: [String] { self.outcome.remarks.map { "\($0.weight.rawValue): \($0)" } }

  struct Refused: Error {}
}

/// A small generator with a seed, so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var value = self.state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
