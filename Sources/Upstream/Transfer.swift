internal import CCurl
package import Wire

/// Whoever asked for a transfer. Called between libcurl's turns, never from inside one, so it may start and cancel transfers.
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
/// libcurl's callbacks only append here, set flags or return the pause code; `TransferSet` tells the owner afterwards.
package final class Transfer {
  /// What may wait here for the owner. libcurl brings at most 8 KiB at a time, so the bound is passed by less than that.
  static let incomingLimitBytes = 64 * 1024

  let easy: EasyHandle
  /// Held until the transfer ends or is cancelled; both break the circle.
  var owner: (any TransferOwner)?
  unowned let set: TransferSet

  /// What libcurl still has to ask for; empty when it was given the body, or has begun to get the answer.
  private var body: [UInt8]
  private var sentBytes = 0

  /// As long as it was when it was whole.
  private let bodyBytes: Int

  var headBlock: [UInt8] = []
  var head: HeadState = .arriving
  var incoming: [UInt8] = []
  var outcome: TransferOutcome?
  var isRunning = true
  /// Among the running ones of its set.
  var place = 0
  var isDirty = false

  /// The owner wants no more bytes for now.
  var isHeld = false
  /// libcurl was told to wait.
  var isPaused = false

  enum HeadState {
    case arriving
    case complete
    case delivered
  }

  init(easy: EasyHandle, owner: any TransferOwner, _ order: TransferOrder, set: TransferSet) {
    self.easy = easy
    self.owner = owner
    self.body = order.isCopied ? [] : order.body
    self.bodyBytes = order.body.count
    self.set = set
  }

  /// Stops the upstream: at most what libcurl already holds still arrives here.
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
    self.set.letFlow(self)
  }

  /// Ends the transfer and closes its connection. The owner hears nothing more.
  package func cancel() {
    guard self.isRunning else { return }
    self.set.remove(self)
  }

  func bytesCame(_ bytes: UnsafeRawBufferPointer) -> Int {
    if self.isHeld || self.incoming.count >= Self.incomingLimitBytes {
      self.isPaused = true
      return Int(CURL_WRITEFUNC_PAUSE)
    }
    if self.incoming.capacity == 0 { self.incoming = self.set.lend() }
    unsafe self.incoming.append(contentsOf: bytes.assumingMemoryBound(to: UInt8.self))
    self.set.markDirty(self)
    return bytes.count
  }

  func headLineCame(_ line: UnsafeRawBufferPointer) -> Int {
    // Trailers come this way too, after the body has begun.
    guard case .arriving = self.head else { return line.count }
    if self.headBlock.capacity == 0 { self.headBlock = self.set.lend() }
    // An upstream whose head never ends is cut off here; libcurl itself allows 300 KB.
    guard self.headBlock.count + line.count <= 128 * 1024 else { return 0 }
    unsafe self.headBlock.append(contentsOf: line.assumingMemoryBound(to: UInt8.self))
    // libcurl brings whole lines; the empty one ends the head, however its lines before ended.
    if line.count <= 2, unsafe line.last == 0x0A, unsafe line.count == 1 || line.first == 0x0D {
      if self.headBlock.beginsAnInterimHead {
        self.headBlock.removeAll(keepingCapacity: true)
      } else {
        self.head = .complete
        self.set.markDirty(self)
        // A stream may last for hours: its request's megabytes need not. Nothing is sent again after this.
        if self.sentBytes == self.body.count { self.body = [] }
      }
    }
    return line.count
  }

  /// The answer goes on, for hours perhaps: what only its beginning needed is let go.
  func settle() {
    self.headBlock = []
    // What libcurl has not sent by now it still needs.
    guard self.easy.sentBytes >= self.bodyBytes else { return }
    self.easy.forgetRequest()
    self.easy.forgetSendingRoom()
  }

  func bodyWanted(_ room: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(room.count, self.body.count - self.sentBytes)
    unsafe self.body.withUnsafeBytes { bytes in
      unsafe room.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[self.sentBytes..<self.sentBytes + count]))
    }
    self.sentBytes += count
    return count
  }

  /// libcurl sends the body again from `offset` when a reused connection turned out to be dead.
  func bodyWanted(from offset: Int) -> Bool {
    guard offset >= 0, offset <= self.body.count else { return false }
    self.sentBytes = offset
    return true
  }
}

extension [UInt8] {
  /// `HTTP/1.1 1xx`: something precedes the real head. 101 cannot come, nobody asks for it.
  fileprivate var beginsAnInterimHead: Bool {
    guard let blank = self.firstIndex(of: UInt8(ascii: " ")), blank + 1 < self.count else { return false }
    return self[blank + 1] == UInt8(ascii: "1")
  }
}
