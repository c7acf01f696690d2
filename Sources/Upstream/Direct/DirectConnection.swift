internal import Platform
internal import Wire

/// A plain connection to an upstream and the daemon's own HTTP/1.1 on it, one request after the other.
final class DirectConnection: EventHandler, Carrier {
  /// A long request to a fast upstream takes its turns.
  private static let bytesATurn = 256 * 1024

  let endpoint: DirectEndpoint
  private let socket: StreamSocket
  private unowned let connections: DirectConnections
  private var token: EventLoop.Token?
  /// Nil between requests.
  private var transfer: Transfer?
  private var request: DirectRequest?
  private var sentBytes = 0
  private var toSendBytes = 0
  private var parser = ReplyParser()
  private var wasUsed = false
  /// Takes no more of a request, but may still have an answer.
  private var isDeaf = false
  private(set) var idleSince: UInt64 = 0

  init(_ socket: StreamSocket, _ endpoint: DirectEndpoint, _ connections: DirectConnections) {
    self.socket = socket
    self.endpoint = endpoint
    self.connections = connections
  }

  func begin(_ transfer: Transfer, _ request: DirectRequest) {
    transfer.carrier = self
    self.transfer = transfer
    self.request = request
    self.sentBytes = 0
    self.toSendBytes = request.count
    self.parser = ReplyParser()
    self.connections.sendLater(self)
  }

  /// Whether its peer has said nothing since; what it says on an idle connection answers no request.
  var isSilent: Bool { self.socket.hasNothingToRead }

  // MARK: - From the loop

  func descriptorReady(_ readiness: Readiness) {
    guard self.transfer != nil else { return self.connections.drop(self) }
    if readiness.contains(.write), self.isSending { self.write() }
    if !readiness.isDisjoint(with: .readable) { self.read() }
  }

  private var isSending: Bool { self.sentBytes < self.toSendBytes && !self.isDeaf }

  func write() {
    guard let transfer = self.transfer else { return }
    let most = self.sentBytes + Self.bytesATurn
    while self.isSending, let request = self.request {
      guard self.sentBytes < most else { return self.watch(for: .readAndWrite) }
      switch self.socket.send(request.rest(after: self.sentBytes)) {
      case .moved(let count): self.sentBytes += count
      case .wouldBlock: return self.watch(for: .readAndWrite)
      // Whoever closes may have said why before.
      case .ended, .failed: self.isDeaf = true
      }
    }
    self.watch(for: .read)
    if transfer.hasHead { self.letGoOfRequest(transfer) }
  }

  private func watch(for interest: Interest) {
    if let token = self.token { return self.connections.loop.change(token, to: interest) }
    self.token = try? self.connections.loop.watch(self.socket.descriptor.raw, for: interest, self)
    if self.token == nil { self.fail(.reset) }
  }

  private func unwatch() {
    guard let token = self.token else { return }
    self.token = nil
    self.connections.loop.forget(token)
  }

  private func read() {
    guard let transfer = self.transfer else { return }
    // Unwatched, since a peer that goes would be told of again and again.
    guard transfer.takesBytes() else { return self.unwatch() }
    switch self.socket.receive(into: self.connections.room) {
    case .moved: self.connections.room.take { self.parse($0, transfer) }
    case .wouldBlock: break
    case .failed: self.fail(.reset)
    case .ended:
      switch self.parser.ending {
      case .whole: self.finish(mayGoOn: false)
      case .truncated: self.fail(.truncated)
      case .noAnswer: self.fail(.reset)
      }
    }
  }

  private func parse(_ bytes: Span<UInt8>, _ transfer: Transfer) {
    var position = 0
    while true {
      switch self.parser.step(bytes, &position) {
      case .needsMore: return
      case .head(let head): transfer.headCame(head)
      case .body(let range): transfer.bytesCame(bytes.extracting(range))
      case .end: return self.finish(mayGoOn: self.parser.allowsNext && position == bytes.count)
      // A body that nobody can follow is a broken connection, as libcurl has it.
      case .refused: return self.fail(transfer.hasHead ? .reset : .unintelligible)
      }
    }
  }

  // MARK: - The end

  private func finish(mayGoOn: Bool) {
    guard let transfer = self.release() else { return }
    // An answer to half a request leaves the other half behind.
    if mayGoOn, self.sentBytes == self.toSendBytes {
      self.wasUsed = true
      self.idleSince = self.connections.loop.now
      self.connections.keep(self)
    } else {
      self.close()
    }
    transfer.ended(.complete)
  }

  private func fail(_ fault: TransferFault) {
    let request = self.request
    guard let transfer = self.transfer else { return }
    self.transfer = nil
    self.close()
    // The peer may have closed it before it knew of the request.
    if self.wasUsed, self.parser.isUntouched, let request, self.connections.dial(transfer, request) { return }
    transfer.ended(.failed(fault))
  }

  private func release() -> Transfer? {
    guard let transfer = self.transfer else { return nil }
    self.transfer = nil
    self.letGoOfRequest(transfer)
    return transfer
  }

  private func letGoOfRequest(_ transfer: Transfer) {
    guard var request = self.request else { return }
    self.request = nil
    transfer.takeBack(request.letGo())
  }

  func close() {
    self.unwatch()
    self.request = nil
    self.transfer = nil
  }

  // MARK: - For the transfer

  func goOn() {
    self.watch(for: self.isSending ? .readAndWrite : .read)
  }

  func settle() {
    guard let transfer = self.transfer, !self.isSending else { return }
    self.letGoOfRequest(transfer)
  }

  func leave() {
    self.close()
  }
}
