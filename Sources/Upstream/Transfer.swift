package import Wire

/// Whoever asked for a transfer. Called between the turns of what carries it, never from inside one, so it may start and cancel
/// transfers.
package protocol TransferOwner: AnyObject {
  func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead)
  func transferBytesArrived(_ transfer: Transfer, _ bytes: Span<UInt8>)
  func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome)
  /// Whether all bytes of an answer may be told of together with its end.
  func takesWhole(_ transfer: Transfer) -> Bool
  func transferEnded(_ transfer: Transfer, whole bytes: Span<UInt8>)
}

extension TransferOwner {
  package func takesWhole(_ transfer: Transfer) -> Bool { false }
  package func transferEnded(_ transfer: Transfer, whole bytes: Span<UInt8>) {}
}

/// One request to an upstream and its answer.
///
/// Its carrier only appends here and sets flags; `TransferSet` tells the owner afterwards.
package final class Transfer {
  /// What may wait here for the owner. A carrier brings some more in one piece, at most 64 KiB.
  private static let incomingLimitBytes = 64 * 1024

  /// Gone when it has said how it ended.
  var carrier: (any Carrier)?
  /// Held until the transfer ends or is cancelled; both break the circle.
  var owner: (any TransferOwner)?
  private unowned let set: TransferSet

  private var head: HeadState = .arriving
  var incoming: [UInt8] = []
  private(set) var outcome: TransferOutcome?
  var isRunning = true
  /// Among the running ones of its set.
  var place = 0
  var isDirty = false

  /// The owner wants no more bytes for now.
  private(set) var isHeld = false
  /// Its carrier had bytes and was told to wait.
  private var isPaused = false

  private enum HeadState {
    case arriving
    case complete(ResponseHead)
    case delivered
  }

  init(owner: any TransferOwner, set: TransferSet) {
    self.owner = owner
    self.set = set
  }

  // MARK: - For its owner

  /// Stops the upstream: at most what its carrier already holds still arrives here.
  package func hold() {
    self.isHeld = true
  }

  /// From now on somebody else is told.
  package func handOver(to owner: any TransferOwner) {
    guard self.isRunning else { return }
    self.owner = owner
  }

  package func resume() {
    guard self.isHeld else { return }
    self.isHeld = false
    self.letFlow()
  }

  /// Ends the transfer and closes its connection. The owner hears nothing more.
  package func cancel() {
    guard self.isRunning else { return }
    self.set.remove(self)
  }

  // MARK: - For its carrier

  /// Whether bytes may be brought; a carrier that is told no waits for `goOn`.
  func takesBytes() -> Bool {
    if !self.isHeld, self.incoming.count < Self.incomingLimitBytes { return true }
    self.isPaused = true
    return false
  }

  func bytesCame(_ bytes: Span<UInt8>) {
    if self.incoming.capacity == 0 { self.incoming = self.set.lend() }
    self.incoming.append(copying: bytes)
    self.set.markDirty(self)
  }

  var hasHead: Bool {
    if case .arriving = self.head { false } else { true }
  }

  /// Storage that was lent, for the next transfer.
  func takeBack(_ bytes: consuming [UInt8]) {
    self.set.takeBack(&bytes)
  }

  func headCame(_ head: ResponseHead) {
    self.head = .complete(head)
    self.set.markDirty(self)
  }

  func ended(_ outcome: TransferOutcome) {
    self.carrier = nil
    self.outcome = outcome
    self.set.markDirty(self)
  }

  // MARK: - For its set

  /// What the owner is told of next.
  func takeHead() -> ResponseHead? {
    guard case .complete(let head) = self.head else { return nil }
    self.head = .delivered
    return head
  }

  /// Lets a carrier go on that was told to wait, unless the owner still wants nothing.
  func letFlow() {
    guard self.isRunning, self.isPaused, !self.isHeld else { return }
    self.isPaused = false
    self.carrier?.goOn()
  }
}
