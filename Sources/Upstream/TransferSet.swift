package import Platform
internal import Wire

/// All transfers of one thread, on the thread's own event loop.
package final class TransferSet {
  private static let sparesKept = 32
  private static let spareBytes = 8 * 1024

  private let curl: CurlMulti
  private let direct: DirectConnections
  /// Each knows its place.
  private var running: [Transfer] = []
  private var dirty: [Transfer] = []
  /// Storage that goes round between transfers, so that a turn's bytes cost no allocation.
  private var spares: [[UInt8]] = []
  private var isDelivering = false

  /// Once per process, before the first thread.
  package static func prepareProcess() {
    CurlMulti.prepareProcess()
  }

  /// `room`: what the thread reads into.
  package init?(loop: EventLoop, room: ReadRoom = ReadRoom()) {
    guard let curl = CurlMulti(loop: loop) else { return nil }
    self.curl = curl
    self.direct = DirectConnections(loop, room, curl)
  }

  deinit {
    for transfer in self.running {
      transfer.isRunning = false
      transfer.owner = nil
      transfer.carrier?.leave()
      transfer.carrier = nil
    }
    self.direct.close()
  }

  package var count: Int { self.running.count }

  /// Begins a transfer; nil when there is no memory left for it.
  package func start(_ order: TransferOrder, owner: any TransferOwner) -> Transfer? {
    let transfer = Transfer(owner: owner, set: self)
    let hasBegun =
      if let address = self.direct.address(of: order) {
        self.direct.begin(transfer, DirectRequest(order, to: address, in: self.lend()))
      } else {
        self.curl.begin(transfer, order)
      }
    guard hasBegun else { return nil }
    transfer.place = self.running.count
    self.running.append(transfer)
    return transfer
  }

  /// How long the loop may wait before `timePassed` has something to do; nil: for ever.
  package func millisecondsUntilDue(from now: UInt64) -> UInt64? {
    guard self.dirty.isEmpty, !self.direct.hasUnsent else { return 0 }
    return self.curl.millisecondsUntilDue(from: now)
  }

  /// To be called once a turn: does what needs no event, then tells the owners what came.
  package func timePassed(now: UInt64) {
    self.curl.timePassed(now: now)
    self.direct.send()
    self.deliver()
  }

  // MARK: - For transfers

  func remove(_ transfer: Transfer) {
    guard transfer.isRunning else { return }
    transfer.isRunning = false
    transfer.owner = nil
    self.leave(transfer.place)
    transfer.carrier?.leave()
    transfer.carrier = nil
  }

  /// The last one takes the empty place.
  private func leave(_ place: Int) {
    let last = self.running.removeLast()
    guard place < self.running.count else { return }
    last.place = place
    self.running[place] = last
  }

  /// Empty storage to collect bytes in.
  func lend() -> [UInt8] { self.spares.popLast() ?? [] }

  func takeBack(_ bytes: inout [UInt8]) {
    guard bytes.capacity > 0, bytes.capacity <= Self.spareBytes, self.spares.count < Self.sparesKept else {
      return bytes = []
    }
    bytes.removeAll(keepingCapacity: true)
    self.spares.append(bytes)
    bytes = []
  }

  func markDirty(_ transfer: Transfer) {
    guard !transfer.isDirty else { return }
    transfer.isDirty = true
    self.dirty.append(transfer)
  }

  // MARK: - To the owners

  private func deliver() {
    guard !self.isDelivering else { return }
    self.isDelivering = true
    // Owners may start, resume and cancel transfers meanwhile, which makes others dirty.
    while let transfer = self.dirty.popLast() {
      transfer.isDirty = false
      self.deliver(transfer)
    }
    self.isDelivering = false
  }

  private func deliver(_ transfer: Transfer) {
    guard transfer.isRunning, let owner = transfer.owner else { return }
    if let head = transfer.takeHead() {
      owner.transferHeadArrived(transfer, head)
      if transfer.isRunning { transfer.carrier?.settle() }
    }
    if transfer.isRunning, transfer.outcome == .complete, !transfer.incoming.isEmpty,
      owner.takesWhole(transfer)
    {
      return self.deliverWhole(transfer, to: owner)
    }
    if transfer.isRunning, !transfer.incoming.isEmpty {
      var bytes: [UInt8] = []
      swap(&bytes, &transfer.incoming)
      owner.transferBytesArrived(transfer, bytes.span)
      self.takeBack(&bytes)
    }
    // A carrier that was told to wait for a full buffer goes on when the owner has not said stop.
    transfer.letFlow()
    guard transfer.isRunning, let outcome = transfer.outcome, transfer.incoming.isEmpty else { return }
    // It may have been handed over meanwhile.
    let last = transfer.owner
    self.remove(transfer)
    last?.transferEnded(transfer, outcome)
  }

  private func deliverWhole(_ transfer: Transfer, to owner: any TransferOwner) {
    var bytes: [UInt8] = []
    swap(&bytes, &transfer.incoming)
    self.remove(transfer)
    owner.transferEnded(transfer, whole: bytes.span)
    self.takeBack(&bytes)
  }
}
