/// What the answer to a request must know of the request.
package struct ReplyContext {
  package let client: Dialect
  package let profile: Profile
  /// The name the client used.
  package var model: String
  package var isStreaming = false
  /// A stream to the client ends with its usage.
  package var wantsUsage = false
  /// The client expects `function_call` instead of tool calls.
  package var isLegacy = false
  package var showsReasoning = true
  /// Tools whose name on the wire is not the client's.
  package var originalNames: [String: String] = [:]
  /// Tools, by their name on the wire, that take free text instead of JSON.
  package var customTools: Set<String> = []
  package var requestedStops: [String] = []
  /// Those of them the upstream was not told.
  package var emulatedStops: [String] = []
  /// What the request is thought to have cost, for upstreams that do not say.
  package var inputEstimate = 0
  /// For estimates of the output; nil = 0 tokens.
  package var bytesPerToken: Int?
  /// Whether the answer's opaque parts are kept for the next request.
  package var remembersState = false
  package var envelopeKeys = EnvelopeKeys.unsigned

  package init(client: Dialect, profile: Profile, model: String) {
    self.client = client
    self.profile = profile
    self.model = model
  }

  /// The name on the wire of a client's tool, remembered for the answer.
  mutating func wireName(_ name: String) -> String {
    let wire = Naming.tool(name)
    if wire != name { self.originalNames[wire] = name }
    return wire
  }

  func clientName(_ wire: String) -> String { self.originalNames[wire] ?? wire }
}
