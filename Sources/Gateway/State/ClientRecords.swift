/// One request as its client's record sees it; handed back when it ends.
package struct ClientVisit: Sendable, Equatable {
  fileprivate let mark: ClientMark
  /// Whether the record counts this request as in flight.
  package fileprivate(set) var isCounted: Bool
}

/// The counters, by the names clients of the old proxies know.
package struct ClientCounters: Sendable, Equatable {
  package var created: UInt64 = 0
  package var hits: UInt64 = 0
  package var misses: UInt64 = 0
  package var evicted: UInt64 = 0
  /// How often a record was kept above the bound because all were in use.
  package var overBound: UInt64 = 0
  package var cached = 0
  package var inUse = 0

  package init() {}
}

/// Remembers which client keys have been seen lately, for the counters and nothing else: whoever is forgotten here is served
/// as before, and a request under way keeps its record.
///
/// A key gets a record when an upstream has accepted it, so made-up keys cannot push the real ones out.
package struct ClientRecords: Sendable {
  package static let mostRecords = 50
  package static let idleMilliseconds: UInt64 = 3_600_000
  package static let sweepMilliseconds: UInt64 = 300_000

  private struct Record {
    var lastUse: UInt64
    var inFlight: Int
    /// Orders uses within one millisecond.
    var turn: UInt64
  }

  private var records: [ClientMark: Record] = [:]
  private var counters = ClientCounters()
  private var turns: UInt64 = 0
  private var sweptAt: UInt64 = 0

  package init() {}

  package mutating func arrived(_ mark: ClientMark, now: UInt64) -> ClientVisit {
    if now - min(now, self.sweptAt) >= Self.sweepMilliseconds { self.sweep(now: now) }
    guard self.records[mark] != nil else {
      self.counters.misses &+= 1
      return ClientVisit(mark: mark, isCounted: false)
    }
    self.counters.hits &+= 1
    self.use(mark, now, inFlight: 1)
    return ClientVisit(mark: mark, isCounted: true)
  }

  /// The upstream took the key.
  package mutating func accepted(_ visit: inout ClientVisit, now: UInt64) {
    guard !visit.isCounted else { return }
    visit.isCounted = true
    if self.records[visit.mark] == nil {
      self.makeRoom(for: 1)
      if self.records.count >= Self.mostRecords { self.counters.overBound &+= 1 }
      self.records[visit.mark] = Record(lastUse: now, inFlight: 0, turn: 0)
      self.counters.created &+= 1
    }
    self.use(visit.mark, now, inFlight: 1)
  }

  package mutating func left(_ visit: ClientVisit, now: UInt64) {
    guard visit.isCounted else { return }
    self.use(visit.mark, now, inFlight: -1)
    self.makeRoom(for: 0)
  }

  /// Forgets whoever has been idle for an hour.
  package mutating func sweep(now: UInt64) {
    self.sweptAt = now
    let before = self.records.count
    self.records = self.records.filter { _, record in
      record.inFlight > 0 || now - min(now, record.lastUse) <= Self.idleMilliseconds
    }
    self.counters.evicted &+= UInt64(before - self.records.count)
  }

  package mutating func reading(now: UInt64) -> ClientCounters {
    if now - min(now, self.sweptAt) >= Self.sweepMilliseconds { self.sweep(now: now) }
    var reading = self.counters
    reading.cached = self.records.count
    reading.inUse = self.records.values.reduce(0) { $0 + ($1.inFlight > 0 ? 1 : 0) }
    return reading
  }

  private mutating func use(_ mark: ClientMark, _ now: UInt64, inFlight change: Int) {
    guard var record = self.records[mark] else { return }
    self.turns &+= 1
    record.lastUse = max(record.lastUse, now)
    record.turn = self.turns
    record.inFlight = max(0, record.inFlight &+ change)
    self.records[mark] = record
  }

  /// Forgets the least recently used of those that are not in use, until so many more fit.
  private mutating func makeRoom(for more: Int) {
    while self.records.count + more > Self.mostRecords {
      let idle = self.records.filter { $0.value.inFlight == 0 }
      guard let oldest = idle.min(by: { $0.value.turn < $1.value.turn }) else { return }
      self.records[oldest.key] = nil
      self.counters.evicted &+= 1
    }
  }
}
