/// What the answer to a request must know of the request.
///
/// Readers, writers and exchanges each have one, so it holds few references: what hardly any request has stands apart.
package struct ReplyContext {
  package let client: Dialect
  package let profile: Profile
  /// The name the client used.
  package var model: String
  /// The upstream was told another name, so its answers must be given the client's (matrix Z-6).
  package var renamesModel = false
  package var isStreaming = false
  /// A stream to the client ends with its usage.
  package var wantsUsage = false
  /// The client expects `function_call` instead of tool calls.
  package var isLegacy = false
  package var showsReasoning = true
  /// What the request is thought to have cost, for upstreams that do not say.
  package var inputEstimate = 0
  /// For estimates of the output; nil = 0 tokens.
  package var bytesPerToken: Int?
  /// What a whole answer was counted as, for upstreams that do not say.
  package var outputEstimate: Int?
  /// The owner counts what the upstream does not say, and tells it when it is asked.
  package var isCounted = false
  /// Whether the answer's opaque parts are kept for the next request.
  package var remembersState = false
  package var envelopeKeys = EnvelopeKeys.unsigned
  private var rarities: Rarities?

  package init(client: Dialect, profile: Profile, model: String) {
    self.client = client
    self.profile = profile
    self.model = model
  }

  /// What few requests have.
  private final class Rarities {
    /// Names on the wire of tools that cannot keep their own.
    var wireNames: [String: String] = [:]
    /// Tools whose name on the wire is not the client's.
    var originalNames: [String: String] = [:]
    /// Tools, by their name on the wire, that take free text instead of JSON.
    var customTools: Set<String> = []
    var requestedStops: [String] = []
    var emulatedStops: [String] = []

    init(_ other: Rarities?) {
      guard let other else { return }
      self.wireNames = other.wireNames
      self.originalNames = other.originalNames
      self.customTools = other.customTools
      self.requestedStops = other.requestedStops
      self.emulatedStops = other.emulatedStops
    }
  }

  /// To be changed: nobody else's.
  private var ownRarities: Rarities {
    mutating get {
      if isKnownUniquelyReferenced(&self.rarities), let rarities = self.rarities { return rarities }
      let own = Rarities(self.rarities)
      self.rarities = own
      return own
    }
  }

  package var requestedStops: [String] {
    get { self.rarities?.requestedStops ?? [] }
    set { if self.rarities != nil || !newValue.isEmpty { self.ownRarities.requestedStops = newValue } }
  }

  /// Those of them the upstream was not told.
  package var emulatedStops: [String] {
    get { self.rarities?.emulatedStops ?? [] }
    set { if self.rarities != nil || !newValue.isEmpty { self.ownRarities.emulatedStops = newValue } }
  }

  /// Notes a tool, by its name on the wire, that takes free text instead of JSON.
  mutating func noteCustomTool(_ wire: String) { self.ownRarities.customTools.insert(wire) }

  func isCustomTool(_ wire: String) -> Bool { self.rarities?.customTools.contains(wire) ?? false }

  /// Chooses the names of a request's tools; two that would become one are told apart (matrix B-name-1).
  mutating func nameTools(_ names: [String]) {
    let long = names.filter { Naming.tool($0) != $0 }
    if long.isEmpty { return }
    let rarities = self.ownRarities
    var taken = Set(names)
    for name in long where rarities.wireNames[name] == nil {
      var wire = Naming.tool(name)
      if taken.contains(wire) { wire = Naming.hashed(name) }
      taken.insert(wire)
      rarities.wireNames[name] = wire
      rarities.originalNames[wire] = name
    }
  }

  func nameOnWire(_ name: String) -> String { self.rarities?.wireNames[name] ?? Naming.tool(name) }

  /// The name on the wire of a client's tool, remembered for the answer.
  mutating func wireName(_ name: String) -> String {
    let wire = self.nameOnWire(name)
    if wire != name { self.ownRarities.originalNames[wire] = name }
    return wire
  }

  /// With what is told of its cost by whoever counts.
  package func counted(_ isCounted: Bool, bytesPerToken: Int) -> ReplyContext {
    var context = self
    context.isCounted = isCounted
    context.bytesPerToken = bytesPerToken
    return context
  }

  /// Of the same request in other words: what is thought of its cost stays.
  package func counted(like other: ReplyContext) -> ReplyContext {
    var context = self
    context.isCounted = other.isCounted
    context.bytesPerToken = other.bytesPerToken
    context.inputEstimate = other.inputEstimate
    context.outputEstimate = other.outputEstimate
    return context
  }

  /// What an answer is thought to have cost, of which so much was to be seen.
  func estimate(input: Int, visibleBytes: Int) -> Usage {
    var usage = Usage()
    usage.input = input
    if let known = self.outputEstimate {
      usage.output = known
    } else if let size = self.bytesPerToken, size > 0 {
      usage.output = visibleBytes / size + (visibleBytes % size == 0 ? 0 : 1)
    }
    return usage
  }

  func clientName(_ wire: String) -> String { self.rarities?.originalNames[wire] ?? wire }
}
