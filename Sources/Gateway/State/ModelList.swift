/// What a backend asks for a million tokens, in US dollars.
package struct ModelPrice: Sendable, Equatable {
  package var input: Double
  package var output: Double

  package init(input: Double, output: Double) {
    self.input = input
    self.output = output
  }
}

/// One model as its backend describes it; nil where the backend says nothing.
package struct PublishedModel: Sendable, Equatable {
  package let id: String
  package var displayName: String?
  package var ownedBy: String?
  package var createdSeconds: Int?
  /// The window: what goes in and comes out together.
  package var contextTokens: Int?
  package var outputTokens: Int?
  package var features: [String] = []
  package var price: ModelPrice?

  package init(id: String) {
    self.id = id
  }

  package func hasFeature(containing word: String) -> Bool {
    self.features.contains { $0.lowercased().contains(word) }
  }
}

/// A backend's models at one moment. Never changes, so a reader holds it as long as it likes and locks nothing.
package final class ModelList: Sendable {
  package let models: [PublishedModel]
  private let exact: [String: Int]
  /// By lower-case id; of two that differ in case alone, the first.
  private let folded: [String: Int]

  package init(_ models: [PublishedModel]) {
    var kept: [PublishedModel] = []
    var exact: [String: Int] = [:]
    var folded: [String: Int] = [:]
    for model in models where exact[model.id] == nil {
      exact[model.id] = kept.count
      let plain = model.id.lowercased()
      if folded[plain] == nil { folded[plain] = kept.count }
      kept.append(model)
    }
    self.models = kept
    self.exact = exact
    self.folded = folded
  }

  package var isEmpty: Bool { self.models.isEmpty }

  /// The model of that id, else the one whose id differs in case alone.
  package func find(_ name: String) -> PublishedModel? {
    (self.exact[name] ?? self.folded[name.lowercased()]).map { self.models[$0] }
  }

  /// Without what one client's key alone may have shown: an account's own fine-tuned models.
  package var withoutPrivateModels: ModelList {
    ModelList(self.models.filter { !$0.id.hasPrefix("ft:") })
  }

  /// The server that published the list, as the name of a profile, if its own word tells.
  package var profileName: String? {
    switch self.models.first?.ownedBy {
    case "vllm": "vllm"
    case "sglang": "sglang"
    case "library": "ollama"
    default: nil
    }
  }
}
