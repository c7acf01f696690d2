internal import Platform
internal import Upstream
internal import Wire

/// One request through the proxy in front, and when what came back of it.
final class DoctorProbe: TransferOwner {
  private let order: TransferOrder
  private(set) var status = 0
  private(set) var fields = HeaderFields()
  private(set) var body: [UInt8] = []
  private(set) var outcome: TransferOutcome?
  private var startMilliseconds: UInt64 = 0
  private var firstMilliseconds: UInt64 = 0
  private var lastMilliseconds: UInt64 = 0

  init(_ order: TransferOrder) {
    self.order = order
  }

  /// Runs them side by side until each has ended or the patience has.
  static func run(_ probes: [DoctorProbe], patienceMilliseconds: UInt64) -> Bool {
    guard let loop = try? EventLoop(), let transfers = TransferSet(loop: loop) else { return false }
    let running = probes.compactMap { probe in
      probe.startMilliseconds = Clock.monotonicMilliseconds()
      return transfers.start(probe.order, owner: probe)
    }
    let end = loop.now + patienceMilliseconds
    while probes.contains(where: { $0.outcome == nil }), loop.now < end {
      let wait = min(transfers.millisecondsUntilDue(from: loop.now) ?? 1_000, 1_000)
      loop.turn(waitingAtMost: Int32(clamping: wait))
      transfers.timePassed(now: loop.now)
    }
    for transfer in running { transfer.cancel() }
    return running.count == probes.count
  }

  var tookMilliseconds: UInt64 { self.lastMilliseconds - min(self.startMilliseconds, self.lastMilliseconds) }

  /// Whether a reply that is written over a long time came in one go.
  var cameAtOnce: Bool {
    (self.lastMilliseconds - min(self.firstMilliseconds, self.lastMilliseconds)) < self.tookMilliseconds / 2
  }

  // MARK: - TransferOwner

  func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead) {
    self.status = head.status
    self.fields = head.fields
  }

  func transferBytesArrived(_ transfer: Transfer, _ bytes: Span<UInt8>) {
    self.lastMilliseconds = Clock.monotonicMilliseconds()
    if self.body.isEmpty { self.firstMilliseconds = self.lastMilliseconds }
    self.body.append(copying: bytes)
  }

  func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome) {
    self.outcome = outcome
  }
}
