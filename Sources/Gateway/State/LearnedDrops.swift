/// What an upstream has refused of one model's requests: optional fields that are left out from then on.
///
/// Filled by retries after a 400 that names a field, so it is bounded: whoever provokes such answers cannot make it grow.
package struct LearnedDrops: Sendable {
  package static let mostModels = 256
  package static let mostFields = 16
  package static let longestNameBytes = 128

  /// What one model's requests go without.
  package struct Reading: Sendable, Equatable {
    package let model: String
    package let fields: [String]
  }

  private struct Entry {
    var fields: [String]
    var lastUse: UInt64
  }

  private var entries: [String: Entry] = [:]
  private var uses: UInt64 = 0

  package init() {}

  package var isEmpty: Bool { self.entries.isEmpty }

  /// The fields to leave out, in the order in which they were learned.
  package func fields(for model: String) -> [String] { self.entries[model]?.fields ?? [] }

  /// Whether there is room for it, or it was known already.
  @discardableResult
  package mutating func learn(_ field: String, for model: String) -> Bool {
    guard !field.isEmpty, field.utf8.count <= Self.longestNameBytes, model.utf8.count <= Self.longestNameBytes
    else { return false }
    self.uses &+= 1
    var entry = self.entries[model] ?? Entry(fields: [], lastUse: 0)
    entry.lastUse = self.uses
    if !entry.fields.contains(field) {
      guard entry.fields.count < Self.mostFields else { return false }
      entry.fields.append(field)
    }
    self.entries[model] = entry
    if self.entries.count > Self.mostModels { self.forgetOldest() }
    return true
  }

  /// Everything, for `explain` and the admin's pages.
  package var all: [Reading] {
    self.entries.map { Reading(model: $0.key, fields: $0.value.fields) }.sorted { $0.model < $1.model }
  }

  private mutating func forgetOldest() {
    guard let oldest = self.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
    self.entries[oldest.key] = nil
  }
}
