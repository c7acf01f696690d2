/// Which keys open the inference routes where the server's own key is spent.
package struct ClientSettings: Sendable, Equatable {
  package static let shortestKeyBytes = 8
  package static let sampleKeys = ["sk-test123", "sk-test456", "sk-demo1"]

  package var allowedKeys: [Secret] = []
  package var anthropicKey: Secret?
  /// Overrides the refusal of a public listener whose routes spend the server's key unasked.
  package var allowsOpen = false

  /// In static mode: whether a client needs a key at all.
  package var areKeysChecked: Bool { !self.allowedKeys.isEmpty || self.anthropicKey != nil }

  /// Static mode's test. Every key is compared, so time does not tell which one came close.
  package func accepts(_ candidate: some Collection<UInt8>) -> Bool {
    var isAccepted = self.anthropicKey?.matches(candidate) ?? false
    for key in self.allowedKeys where key.matches(candidate) { isAccepted = true }
    return isAccepted
  }

  /// Full `/health` and `/metrics` in dynamic and forward mode, where only the list counts.
  package func isListed(_ candidate: some Collection<UInt8>) -> Bool {
    var isListed = false
    for key in self.allowedKeys where key.matches(candidate) { isListed = true }
    return isListed
  }
}
