package import Platform
internal import Settings
internal import Synchronization

/// Holds records between the threads that log and the one that writes; never makes the former wait.
package final class LogRing: Sendable {
  /// What the writing thread takes at once.
  struct Batch: Sendable {
    var records: [LogRecord] = []
    /// Records that found the ring full since the batch before.
    var dropped = 0
    /// Files are to be opened again.
    var reopens = false
  }

  private struct State: Sendable {
    var batch = Batch()
    var accepted: UInt64 = 0
    var settled: UInt64 = 0
    var readerIsWaiting = false
    var isClosed = false
    var flushes: [Flush] = []
  }

  /// Somebody who waits until the records up to a number are written.
  private struct Flush: Sendable {
    let upTo: UInt64
    let bell: Wakeup
  }

  package static let defaultCapacity = 4096
  /// How long the writer lets records gather after the first one: a wake-up for each would cost a request more than its record.
  static let gatheringMilliseconds = 5
  /// Places only errors and worse may take, so that a flood of access records cannot hide them.
  static let reserveForErrors = 64

  private let capacity: Int
  private let state = Mutex(State())
  private let bell: Wakeup
  private let lost = Atomic<UInt64>(0)

  package init(capacity: Int = defaultCapacity) throws(Errno) {
    self.capacity = max(1, capacity)
    self.bell = try Wakeup()
  }

  /// Records lost since the start, for `STATUS=` and the metrics.
  package var droppedCount: UInt64 {
    self.lost.load(ordering: .relaxed)
  }

  /// Appends a record, or counts it as dropped when there is no room.
  package func append(_ record: consuming LogRecord) {
    let room = LogLevel.error.covers(record.level) ? self.capacity + Self.reserveForErrors : self.capacity
    // Handed over: a copy would cost a reference count for each thing in it.
    var handedOver = Optional(consume record)
    let mustRing = self.state.withLock { state in
      guard !state.isClosed, state.batch.records.count < room, let record = handedOver.take() else {
        state.batch.dropped += 1
        self.lost.wrappingAdd(1, ordering: .relaxed)
        return false
      }
      state.batch.records.append(record)
      state.accepted += 1
      let wasWaiting = state.readerIsWaiting
      state.readerIsWaiting = false
      return wasWaiting
    }
    if mustRing { self.bell.ring() }
  }

  /// Waits until everything appended so far is written; false when `milliseconds` were not enough.
  package func flush(withinMilliseconds milliseconds: Int) -> Bool {
    guard let bell = try? Wakeup() else { return false }
    let isSettled = self.state.withLock { state in
      if state.settled == state.accepted { return true }
      state.flushes.append(Flush(upTo: state.accepted, bell: bell))
      return false
    }
    if isSettled { return true }
    // Whoever waits does not want to wait for others' records to gather.
    self.bell.ring()
    if bell.isRung(withinMilliseconds: milliseconds) { return true }
    self.state.withLock { $0.flushes.removeAll { $0.bell === bell } }
    return false
  }

  /// Files may have been moved away: what follows is to go into new ones.
  package func reopen() {
    self.state.withLock { state in
      state.batch.reopens = true
      state.readerIsWaiting = false
    }
    self.bell.ring()
  }

  /// Refuses further records; the reader gets what is there and then nil.
  package func close() {
    self.state.withLock { state in
      state.isClosed = true
      state.readerIsWaiting = false
    }
    self.bell.ring()
  }

  /// Waits for records; nil when the ring is closed and empty. `recycled` lends its storage to the next batch.
  func next(recycling recycled: [LogRecord]) -> Batch? {
    var empty = Batch(records: recycled)
    empty.records.removeAll(keepingCapacity: true)
    while true {
      let (batch, isClosed) = self.state.withLock { state -> (Batch?, Bool) in
        if state.batch.records.isEmpty, state.batch.dropped == 0, !state.batch.reopens {
          state.readerIsWaiting = true
          return (nil, state.isClosed)
        }
        swap(&state.batch, &empty)
        return (empty, state.isClosed)
      }
      if let batch { return batch }
      if isClosed { return nil }
      self.bell.wait()
      self.bell.hush()
      _ = self.bell.isRung(withinMilliseconds: Self.gatheringMilliseconds)
      self.bell.hush()
    }
  }

  /// The writer is done with that many records of the last batch: wakes whoever waited for them.
  func settle(_ count: Int) {
    let done = self.state.withLock { state -> [Flush] in
      state.settled += UInt64(count)
      let settled = state.settled
      let done = state.flushes.filter { $0.upTo <= settled }
      state.flushes.removeAll { $0.upTo <= settled }
      return done
    }
    for flush in done { flush.bell.ring() }
  }
}
