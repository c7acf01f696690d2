internal import CCurl
internal import Platform

/// libcurl's multi interface, driven by a thread's own event loop.
@safe
final class CurlMulti {
  /// Beyond it the one that is idle for longest is closed when another transfer ends.
  private static let connectionsKept = 512

  private let multi: UnsafeMutableRawPointer
  /// TLS sessions, so that a new connection to a known upstream needs half a handshake.
  let sessions: UnsafeMutableRawPointer?
  private let loop: EventLoop
  /// By their numbers, which the kernel keeps small.
  private var sockets: [CurlSocket?] = []
  /// When libcurl wants to be called without an event; `Deadline.never`: not.
  private var timeout = Deadline.never
  /// A connection that is taken over from libcurl, which closes it meanwhile as it believes.
  private var leaving: Int32?
  private var speaksHTTP2 = false

  /// Once per process, before the first thread.
  static func prepareProcess() {
    _ = cp_global_init()
  }

  init?(loop: EventLoop) {
    guard let multi = unsafe curl_multi_init() else { return nil }
    unsafe self.multi = unsafe multi
    unsafe self.sessions = unsafe curl_share_init()
    _ = unsafe cp_share_sessions(self.sessions)
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

  /// Nothing is left in it by then.
  deinit {
    _ = unsafe curl_multi_cleanup(self.multi)
    _ = unsafe curl_share_cleanup(self.sessions)
  }

  // MARK: - For transfers

  /// False when libcurl has no memory left for it.
  func begin(_ transfer: Transfer, _ order: TransferOrder) -> Bool {
    guard let easy = EasyHandle() else { return false }
    let request = CurlRequest(easy, transfer, order, self)
    easy.prepare(for: order, request, self)
    guard self.add(request) else { return false }
    self.speaksHTTP2 = self.speaksHTTP2 || order.connection.speaksHTTP2
    transfer.carrier = request
    return true
  }

  /// Closes its connection unless the answer came whole.
  func release(_ request: CurlRequest, keepingConnection isKept: Bool) {
    if !isKept { request.easy.set(CURLOPT_FORBID_REUSE, 1) }
    _ = unsafe curl_multi_remove_handle(self.multi, request.easy.raw)
    if let socket = self.known(request.socket), socket.holder == ObjectIdentifier(request) {
      socket.holder = nil
    }
  }

  func add(_ task: CurlTask) -> Bool {
    unsafe curl_multi_add_handle(self.multi, task.easy.raw) == CURLM_OK
  }

  /// Ends a dial; what it connected is closed.
  func remove(_ task: CurlTask) {
    _ = unsafe curl_multi_remove_handle(self.multi, task.easy.raw)
  }

  /// Takes what a dial has connected out of libcurl's hands.
  func takeSocket(of task: CurlTask) -> OwnedDescriptor? {
    let socket = unsafe cp_easy_socket(task.easy.raw)
    self.leaving = socket
    self.remove(task)
    let wasGiven = self.leaving == nil
    self.leaving = nil
    return socket >= 0 && wasGiven ? OwnedDescriptor(taking: socket) : nil
  }

  // MARK: - For the set

  func millisecondsUntilDue(from now: UInt64) -> UInt64? {
    guard self.timeout != Deadline.never else { return nil }
    return self.timeout > now ? self.timeout - now : 0
  }

  func timePassed(now: UInt64) {
    // Bounded: what libcurl still wants at once then is done in the next turn, after the other descriptors.
    for _ in 0..<8 where self.timeout <= now {
      self.timeout = Deadline.never
      self.act(on: CURL_SOCKET_TIMEOUT, 0)
    }
  }

  // MARK: - From the loop and from libcurl

  fileprivate func socketReady(_ socket: CurlSocket, _ readiness: Readiness) {
    guard socket.isWanted else { return self.stirredUnwanted(socket) }
    var flags: Int32 = 0
    if readiness.contains(.read) || readiness.contains(.peerClosed) { flags |= CURL_CSELECT_IN }
    if readiness.contains(.write) { flags |= CURL_CSELECT_OUT }
    if readiness.contains(.failed) || readiness.contains(.hungUp) { flags |= CURL_CSELECT_ERR }
    self.act(on: socket.number, flags)
  }

  private func stirredUnwanted(_ socket: CurlSocket) {
    self.unwatch(socket)
    // Of a transfer that is told to wait; or much is said between requests.
    if socket.holder != nil || self.speaksHTTP2 { return }
    // A connection nobody uses: its peer closes it, as a rule. If it has something to say instead, libcurl 7.88 would take that
    // for the next request's answer, so the connection is made to look as if it were closed.
    if socket.isConnection { StreamSocket.end(socket.number) }
  }

  /// A connection's socket, which lives until `socketCloses`. Others, a resolver's, come and go unannounced.
  func socketOpened(_ socket: Int32) {
    self.forget(socket)
    _ = self.add(socket, isConnection: true)
  }

  /// Answers whether it is to be closed.
  func socketCloses(_ socket: Int32) -> Bool {
    self.forget(socket)
    guard self.leaving == socket else { return true }
    self.leaving = nil
    return false
  }

  private func forget(_ socket: Int32) {
    guard let known = self.known(socket) else { return }
    self.sockets[Int(socket)] = nil
    self.unwatch(known)
  }

  private func known(_ socket: Int32) -> CurlSocket? {
    socket >= 0 && Int(socket) < self.sockets.count ? self.sockets[Int(socket)] : nil
  }

  private func add(_ socket: Int32, isConnection: Bool) -> CurlSocket {
    let new = CurlSocket(number: socket, isConnection: isConnection, multi: self)
    let place = max(0, Int(socket))
    while self.sockets.count <= place { self.sockets.append(nil) }
    self.sockets[place] = new
    return new
  }

  private func unwatch(_ socket: CurlSocket) {
    guard let token = socket.token else { return }
    socket.token = nil
    self.loop.forget(token)
  }

  func socketWanted(_ socket: Int32, _ what: Int32, by task: CurlTask?) {
    task?.socket = socket
    if what == CURL_POLL_REMOVE {
      guard let known = self.known(socket) else { return }
      known.isWanted = false
      // Between two requests a connection is silent, so it stays watched: two system calls a request are saved.
      if !known.isConnection { self.forget(socket) }
      return
    }
    var interest = Interest.nothing
    if what & CURL_POLL_IN != 0 { interest.insert(.read) }
    if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
    let known = self.known(socket) ?? self.add(socket, isConnection: false)
    known.isWanted = true
    known.holder = task.map { ObjectIdentifier($0) }
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
      guard let task = unsafe CurlTask.of(easy) else { continue }
      task.ended(TransferFault(unsafe cp_message_result(message)))
    }
  }
}

/// One of libcurl's sockets on the loop.
private final class CurlSocket: EventHandler {
  let number: Int32
  /// Opened by libcurl to talk to an upstream.
  let isConnection: Bool
  private unowned let multi: CurlMulti
  var token: EventLoop.Token?
  /// A transfer waits for it.
  var isWanted = false
  /// The last task it was wanted for, until that has ended.
  var holder: ObjectIdentifier?

  init(number: Int32, isConnection: Bool, multi: CurlMulti) {
    self.number = number
    self.isConnection = isConnection
    self.multi = multi
  }

  func descriptorReady(_ readiness: Readiness) {
    self.multi.socketReady(self, readiness)
  }
}
