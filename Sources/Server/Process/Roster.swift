internal import Gateway
internal import Platform
internal import Pool
internal import Synchronization

/// The workers that live, for whoever wants to count: the supervisor writes, pages and the acceptor read.
final class Roster: Sendable {
  private let handles = Mutex<[WorkerHandle]>([])

  func add(_ handle: WorkerHandle) {
    self.handles.withLock { $0.append(handle) }
  }

  func remove(_ name: WorkerName) {
    self.handles.withLock { $0.removeAll { $0.name == name } }
  }

  func find(_ name: WorkerName) -> WorkerHandle? {
    self.handles.withLock { $0.first { $0.name == name } }
  }

  var all: [WorkerHandle] {
    self.handles.withLock { $0 }
  }

  func vitals(since startedMilliseconds: UInt64, now: UInt64, droppedLogRecords: UInt64) -> Vitals {
    var vitals = Vitals()
    vitals.version = version
    vitals.uptimeSeconds = Int(clamping: (now - min(now, startedMilliseconds)) / 1_000)
    vitals.droppedLogRecords = Int(clamping: droppedLogRecords)
    for handle in self.all {
      vitals.workers += 1
      vitals.connections += handle.connections
      vitals.exchanges += handle.exchanges
      vitals.transfers += handle.transfers
    }
    return vitals
  }
}
