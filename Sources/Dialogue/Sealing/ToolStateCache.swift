/// Remembers, for each tool call, what its upstream wants back and the client's protocol cannot carry: signed
/// thoughts of a Messages upstream, proofs of thought of a Chat one (matrix Z-9).
///
/// The least recently used entry goes first; a lost entry degrades an answer and never fails a request.
package struct ToolStateCache {
  private struct Entry {
    var state: [UInt8]
    var lastUse: UInt64
  }

  private let maxEntries: Int
  private let maxBytes: Int
  private var entries: [String: Entry] = [:]
  private var bytes = 0
  private var uses: UInt64 = 0

  package init(maxEntries: Int = 4096, maxBytes: Int = 64 << 20) {
    self.maxEntries = maxEntries
    self.maxBytes = maxBytes
  }

  package var count: Int { self.entries.count }

  /// The key holds whose call it is and where it came from, so that nothing crosses clients or upstreams.
  package static func key(client: String, upstream: String, call: String) -> String {
    "\(client)\u{0}\(upstream)\u{0}\(call)"
  }

  package mutating func remember(_ state: [UInt8], for key: String) {
    guard self.maxEntries > 0, state.count <= self.maxBytes else { return }
    self.uses += 1
    if let old = self.entries.removeValue(forKey: key) { self.bytes -= old.state.count }
    self.entries[key] = Entry(state: state, lastUse: self.uses)
    self.bytes += state.count
    while self.entries.count > self.maxEntries || self.bytes > self.maxBytes { self.forgetOldest() }
  }

  package mutating func state(for key: String) -> [UInt8]? {
    guard var entry = self.entries[key] else { return nil }
    self.uses += 1
    entry.lastUse = self.uses
    self.entries[key] = entry
    return entry.state
  }

  /// Forgets an eighth at once, so that a full cache does not search for each new entry.
  private mutating func forgetOldest() {
    let oldest = self.entries.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(
      max(1, self.entries.count / 8))
    for (key, entry) in oldest {
      self.entries.removeValue(forKey: key)
      self.bytes -= entry.state.count
      if self.entries.count <= self.maxEntries * 7 / 8, self.bytes <= self.maxBytes / 8 * 7 { return }
    }
  }
}

/// What is to be remembered of an answer.
package struct ToolState: Equatable, Sendable {
  /// The call's id as the client knows it.
  package let call: String
  package let state: [UInt8]

  package init(call: String, state: [UInt8]) {
    self.call = call
    self.state = state
  }
}
