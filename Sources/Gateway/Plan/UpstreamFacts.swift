/// What the daemon has learned of an upstream, as far as one request needs it.
package struct UpstreamFacts: Sendable {
  package var models: ModelList?
  /// Who the daemon says it is, for clients that do not say who they are.
  package var userID: String?

  /// What it has refused before, by model.
  package var drops = LearnedDrops()

  package init() {}

  /// The upstream's own spelling of a model it has.
  func spelling(of name: String) -> String? { self.models?.find(name)?.id }
}
