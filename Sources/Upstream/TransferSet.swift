internal import CCurl
package import Platform
internal import Wire

/// All transfers of one thread: libcurl's multi interface driven by the thread's own event loop.
@safe
package final class TransferSet {
  private static let idleHandlesKept = 64
  /// Beyond it the one that is idle for longest is closed when another transfer ends.
  private static let connectionsKept = 512
  private static let sparesKept = 32
  private static let spareBytes = 8 * 1024

  private let multi: UnsafeMutableRawPointer
  private let loop: EventLoop
  /// By their numbers, which the kernel keeps small.
  private var sockets: [TransferSocket?] = []
  /// Each knows its place.
  private var running: [Transfer] = []
  private var idle: [EasyHandle] = []
  private var dirty: [Transfer] = []
  /// Storage that goes round between transfers, so that a turn's bytes cost no allocation.
  private var spares: [[UInt8]] = []
  private var isDelivering = false
  /// When libcurl wants to be called without an event; `Deadline.never`: not.
  private var timeout = Deadline.never

  /// Once per process, before the first thread.
  package static func prepareProcess() {
    _ = cp_global_init()
  }

  package init?(loop: EventLoop) {
    guard let multi = unsafe curl_multi_init() else { return nil }
    unsafe self.multi = unsafe multi
    self.loop = loop
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    _ = unsafe cp_multi_set_socket_function(multi, socketChanged, context)
    _ = unsafe cp_multi_set_timer_function(multi, timerChanged, context)
    // Where HTTP/2 streams share a connection, libcurl 7.88 tells one of them nothing of what it read for it together with
    // another's bytes until there is more: a stream that was reset would hang.
    _ = unsafe cp_multi_set_number(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    // Else as many as four times the transfers of the moment, and each lull closes what the next burst has to open again.
    _ = unsafe cp_multi_set_number(multi, CURLMOPT_MAXCONNECTS, Self.connectionsKept)
  }

  deinit {
    for transfer in self.running {
      transfer.isRunning = false
      transfer.owner = nil
      _ = unsafe curl_multi_remove_handle(self.multi, transfer.easy.raw)
    }
    _ = unsafe curl_multi_cleanup(self.multi)
  }

  package var count: Int { self.running.count }

  /// Begins a transfer; nil when libcurl has no memory left for it.
  package func start(_ order: TransferOrder, owner: any TransferOwner) -> Transfer? {
    guard let easy = self.idle.popLast() ?? EasyHandle() else { return nil }
    let transfer = Transfer(easy: easy, owner: owner, order, set: self)
    easy.prepare(for: order, transfer)
    guard unsafe curl_multi_add_handle(self.multi, easy.raw) == CURLM_OK else { return nil }
    transfer.place = self.running.count
    self.running.append(transfer)
    return transfer
  }

  /// How long the loop may wait before `timePassed` has something to do; nil: for ever.
  package func millisecondsUntilDue(from now: UInt64) -> UInt64? {
    guard self.dirty.isEmpty else { return 0 }
    guard self.timeout != Deadline.never else { return nil }
    return self.timeout > now ? self.timeout - now : 0
  }

  /// To be called once a turn: lets libcurl do what it does without events, then tells the owners what came.
  package func timePassed(now: UInt64) {
    // Bounded: what libcurl still wants at once then is done in the next turn, after the other descriptors.
    for _ in 0..<8 where self.timeout <= now {
      self.timeout = Deadline.never
      self.act(on: CURL_SOCKET_TIMEOUT, 0)
    }
    self.deliver()
  }

  // MARK: - For transfers

  func remove(_ transfer: Transfer) {
    guard transfer.isRunning else { return }
    transfer.isRunning = false
    transfer.owner = nil
    self.leave(transfer.place)
    // An HTTP/2 stream that is left would go on at the upstream's end, because libcurl 7.88 keeps the connection and tells
    // nobody; without the connection it cannot. In HTTP/1.1 it is closed anyway.
    let isLeft = transfer.outcome == nil
    if isLeft { transfer.easy.set(CURLOPT_FORBID_REUSE, 1) }
    _ = unsafe curl_multi_remove_handle(self.multi, transfer.easy.raw)
    if isLeft { transfer.easy.set(CURLOPT_FORBID_REUSE, 0) }
    if self.idle.count < Self.idleHandlesKept {
      transfer.easy.forgetRequest()
      self.idle.append(transfer.easy)
    }
  }

  /// The last one takes the empty place.
  private func leave(_ place: Int) {
    let last = self.running.removeLast()
    guard place < self.running.count else { return }
    last.place = place
    self.running[place] = last
  }

  func letFlow(_ transfer: Transfer) {
    guard transfer.isRunning, transfer.isPaused else { return }
    transfer.isPaused = false
    // May call back with what was refused before it returns.
    _ = unsafe curl_easy_pause(transfer.easy.raw, CURLPAUSE_CONT)
  }

  /// Empty storage to collect bytes in.
  func lend() -> [UInt8] { self.spares.popLast() ?? [] }

  private func takeBack(_ bytes: inout [UInt8]) {
    guard self.spares.count < Self.sparesKept, bytes.capacity <= Self.spareBytes else { return }
    bytes.removeAll(keepingCapacity: true)
    self.spares.append(bytes)
    bytes = []
  }

  func markDirty(_ transfer: Transfer) {
    guard !transfer.isDirty else { return }
    transfer.isDirty = true
    self.dirty.append(transfer)
  }

  // MARK: - From the loop and from libcurl

  fileprivate func socketReady(_ socket: TransferSocket, _ readiness: Readiness) {
    // A connection nobody uses was closed by its peer, which libcurl finds out before it uses it again.
    guard socket.isWanted else { return self.unwatch(socket) }
    var flags: Int32 = 0
    if readiness.contains(.read) || readiness.contains(.peerClosed) { flags |= CURL_CSELECT_IN }
    if readiness.contains(.write) { flags |= CURL_CSELECT_OUT }
    if readiness.contains(.failed) || readiness.contains(.hungUp) { flags |= CURL_CSELECT_ERR }
    self.act(on: socket.number, flags)
  }

  /// A connection's socket, which lives until `socketCloses`. Others, a resolver's, come and go unannounced.
  func socketOpened(_ socket: Int32) {
    self.socketCloses(socket)
    _ = self.add(socket, isConnection: true)
  }

  func socketCloses(_ socket: Int32) {
    guard let known = self.known(socket) else { return }
    self.sockets[Int(socket)] = nil
    self.unwatch(known)
  }

  private func known(_ socket: Int32) -> TransferSocket? {
    socket >= 0 && Int(socket) < self.sockets.count ? self.sockets[Int(socket)] : nil
  }

  private func add(_ socket: Int32, isConnection: Bool) -> TransferSocket {
    let new = TransferSocket(number: socket, isConnection: isConnection, set: self)
    let place = max(0, Int(socket))
    while self.sockets.count <= place { self.sockets.append(nil) }
    self.sockets[place] = new
    return new
  }

  private func unwatch(_ socket: TransferSocket) {
    guard let token = socket.token else { return }
    socket.token = nil
    self.loop.forget(token)
  }

  func socketWanted(_ socket: Int32, _ what: Int32) {
    if what == CURL_POLL_REMOVE {
      guard let known = self.known(socket) else { return }
      known.isWanted = false
      // Between two requests a connection is silent, so it stays watched: two system calls a request are saved.
      if !known.isConnection { self.socketCloses(socket) }
      return
    }
    var interest = Interest.nothing
    if what & CURL_POLL_IN != 0 { interest.insert(.read) }
    if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
    let known = self.known(socket) ?? self.add(socket, isConnection: false)
    known.isWanted = true
    if let token = known.token {
      self.loop.change(token, to: interest)
    } else {
      // A socket that cannot be watched would hang: libcurl's own timeouts end such a transfer.
      known.token = try? self.loop.watch(socket, for: interest, known)
    }
  }

  func timerWanted(_ milliseconds: Int) {
    self.timeout = milliseconds < 0 ? Deadline.never : self.loop.now + UInt64(milliseconds)
  }

  private func act(on socket: Int32, _ flags: Int32) {
    var running: Int32 = 0
    _ = unsafe curl_multi_socket_action(self.multi, socket, flags, &running)
    self.collectEnded()
  }

  private func collectEnded() {
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(self.multi, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
        continue
      }
      guard let pointer = unsafe cp_easy_private(easy) else { continue }
      let transfer = unsafe Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
      let fault = TransferFault(unsafe cp_message_result(message))
      transfer.outcome = fault.map { .failed($0) } ?? .complete
      self.markDirty(transfer)
    }
  }

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
    if case .complete = transfer.head {
      transfer.head = .delivered
      var block: [UInt8] = []
      swap(&block, &transfer.headBlock)
      let head = ResponseHead(parsing: block.span)
      self.takeBack(&block)
      if let head {
        owner.transferHeadArrived(transfer, head)
      } else {
        transfer.outcome = .failed(.unintelligible)
      }
      if transfer.isRunning, transfer.outcome == nil { transfer.settle() }
    }
    // Of an answer without a readable head nobody wants the body.
    if transfer.outcome == .failed(.unintelligible) { transfer.incoming = [] }
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
    // A transfer that libcurl was told to pause for its full buffer goes on when the owner has not said stop.
    if transfer.isRunning, transfer.isPaused, !transfer.isHeld { self.letFlow(transfer) }
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

/// One of libcurl's sockets on the loop.
private final class TransferSocket: EventHandler {
  let number: Int32
  /// Opened by libcurl to talk to an upstream.
  let isConnection: Bool
  private unowned let set: TransferSet
  var token: EventLoop.Token?
  /// A transfer waits for it.
  var isWanted = false

  init(number: Int32, isConnection: Bool, set: TransferSet) {
    self.number = number
    self.isConnection = isConnection
    self.set = set
  }

  func descriptorReady(_ readiness: Readiness) {
    self.set.socketReady(self, readiness)
  }
}
