internal import Synchronization

/// What the whole daemon knows of one upstream address. Survives every reload that leaves the address in place.
///
/// Each part has a lock of its own, held for a look-up and never across anything that waits.
package final class UpstreamState: Sendable {
  package let name: UpstreamName
  /// Tells it from every other upstream.
  package let key: String

  private let breaker = Mutex(Breaker())
  private let identity = Mutex(UserIdentity())
  private let catalogue = Mutex(ModelCatalogue())
  private let drops = Mutex(LearnedDrops())
  /// Read by every request, so that most need not lock what is empty.
  private let hasDrops = Atomic(false)
  private let wantsKey = Atomic(false)

  package init(_ name: UpstreamName, key: String) {
    self.name = name
    self.key = key
  }

  // MARK: - Breaker

  package func admit(now: UInt64) -> BreakerVerdict { self.breaker.withLock { $0.admit(now: now) } }

  /// To be called for probes only, when the head of the answer is here.
  package func probeAnswered(_ pass: BreakerPass, status: Int) {
    self.breaker.withLock { $0.probeAnswered(pass, status: status) }
  }

  package func ended(_ pass: BreakerPass, _ outcome: UpstreamOutcome, now: UInt64) {
    self.breaker.withLock { $0.ended(pass, outcome, now: now) }
  }

  package var breakerReading: BreakerReading { self.breaker.withLock { $0.reading } }

  // MARK: - User id

  package func userID(now: UInt64, wallSeconds: Int, random: () -> UInt64) -> String {
    self.identity.withLock { $0.current(now: now, wallSeconds: wallSeconds, random: random) }
  }

  package func identityReading(now: UInt64) -> UserIdentityReading {
    self.identity.withLock { $0.reading(now: now) }
  }

  // MARK: - Models

  /// The list as it is now; it does not change under whoever holds it.
  package var models: ModelList? { self.catalogue.withLock { $0.list } }

  package func learned(_ list: ModelList, now: UInt64) {
    self.catalogue.withLock { $0.learned(list, now: now) }
    self.wantsKey.store(false, ordering: .relaxed)
  }

  package func discoveryFailed(_ fault: DiscoveryFault) {
    self.catalogue.withLock { $0.failed(fault) }
    self.wantsKey.store(fault == .needsKey, ordering: .relaxed)
  }

  /// Whether the upstream shows its models only to whoever brings a key, and none is configured.
  package var wantsClientKey: Bool { self.wantsKey.load(ordering: .relaxed) }

  /// Answers true to one caller for each time the upstream asked for a key.
  package func takeKeyWish() -> Bool {
    self.wantsKey.load(ordering: .relaxed) && self.wantsKey.exchange(false, ordering: .relaxed)
  }

  package func catalogueReading(now: UInt64) -> CatalogueReading {
    self.catalogue.withLock { $0.reading(now: now) }
  }

  // MARK: - What was refused before

  /// As it is now; nothing is copied before something new is learned.
  package var learnedDrops: LearnedDrops {
    guard self.hasDrops.load(ordering: .acquiring) else { return LearnedDrops() }
    return self.drops.withLock { $0 }
  }

  package func learnDrop(_ field: String, for model: String) {
    self.drops.withLock { _ = $0.learn(field, for: model) }
    self.hasDrops.store(true, ordering: .releasing)
  }

  package var allDrops: [LearnedDrops.Reading] { self.drops.withLock { $0.all } }
}
