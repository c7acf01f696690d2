/// How discovery stands, for the pages.
package struct CatalogueReading: Sendable, Equatable {
  package var models = 0
  /// How long ago the list was read; nil if none ever was.
  package var ageSeconds: Int?
  package var refreshes: UInt64 = 0
  package var failures: UInt64 = 0
  /// Why the last attempt brought nothing; nil if it did.
  package var lastFault: DiscoveryFault?

  package init() {}
}

/// The models an upstream says it has. A failed attempt leaves the last list in place.
package struct ModelCatalogue: Sendable {
  package private(set) var list: ModelList?
  package private(set) var lastFault: DiscoveryFault?
  private var readAt: UInt64 = 0
  private var refreshes: UInt64 = 0
  private var failures: UInt64 = 0

  package init() {}

  package mutating func learned(_ list: ModelList, now: UInt64) {
    self.list = list
    self.readAt = now
    self.refreshes &+= 1
    self.lastFault = nil
  }

  package mutating func failed(_ fault: DiscoveryFault) {
    self.failures &+= 1
    self.lastFault = fault
  }

  package func reading(now: UInt64) -> CatalogueReading {
    var reading = CatalogueReading()
    reading.models = self.list?.models.count ?? 0
    reading.ageSeconds = self.list == nil ? nil : Int(clamping: (now - min(now, self.readAt)) / 1_000)
    reading.refreshes = self.refreshes
    reading.failures = self.failures
    reading.lastFault = self.lastFault
    return reading
  }
}
