internal import Demo
internal import Platform
internal import Wire

/// One connection to the demo upstream: reads a request, then plays the script that answers it.
final class DemoConnection: EventHandler, DeadlineHandler {
  private enum Phase {
    case head
    case body(RequestHead, BodyDecoder)
    case playing(DemoReply)
    case stalled
    case closed
  }

  private let socket: StreamSocket
  private unowned let server: DemoServer
  private var token: EventLoop.Token?
  private lazy var deadline = Deadline(self)
  private var input = ByteQueue()
  private var output = ByteQueue()
  private var parser = RequestParser(limits: RequestLimits(lineBytes: 8190, fields: 1000, fieldBytes: 65_536))
  private var body: [UInt8] = []
  private var phase = Phase.head
  private var overture = 0
  private var hasSentHead = false
  private var closesWhenSent = false

  init(_ socket: StreamSocket, _ server: DemoServer) {
    self.socket = socket
    self.server = server
  }

  func begin() {
    self.token = try? self.server.loop.watch(self.socket.descriptor.raw, for: [.read, .hangUp], self)
    if self.token == nil { self.close() }
  }

  func descriptorReady(_ readiness: Readiness) {
    if !readiness.isDisjoint(with: [.failed, .hungUp, .peerClosed]) { return self.close() }
    if readiness.contains(.read) { self.receive() }
    if readiness.contains(.write) { self.play() }
  }

  func deadlinePassed(_ deadline: Deadline) {
    self.play()
  }

  private func receive() {
    guard case .moved = self.socket.receive(into: self.server.room) else { return }
    self.server.room.take { self.input.append($0) }
    self.advance()
  }

  private func advance() {
    while true {
      switch self.phase {
      case .head:
        guard case .head(let head) = self.parser.advance(&self.input) else { return }
        self.body = []
        self.phase = .body(head, BodyDecoder(framing: head.framing, limit: Int.max))
      case .body(let head, var decoder):
        let progress = decoder.advance(&self.input, into: &self.body)
        guard progress == .complete else {
          self.phase = .body(head, decoder)
          return
        }
        self.overture = 0
        self.hasSentHead = false
        self.phase = .playing(
          Demo.reply(method: head.method, path: head.path, body: self.body, serial: self.server.nextSerial()))
        self.play()
      case .playing, .stalled, .closed:
        return
      }
    }
  }

  /// Plays until a pause, a full socket or the end.
  private func play() {
    while self.flushed(), case .playing(var reply) = self.phase {
      let step = self.nextStep(of: &reply)
      self.phase = .playing(reply)
      switch step {
      case .bytes(let bytes):
        if reply.length == nil {
          ResponseWriter.chunk(bytes.span, to: &self.output)
        } else {
          self.output.append(bytes)
        }
      case .pause(let milliseconds):
        return self.server.wheel.set(self.deadline, at: self.server.loop.now + UInt64(max(0, milliseconds)))
      case .stall:
        self.phase = .stalled
        return
      case .breakOff:
        return self.close()
      case nil:
        self.finish(reply)
      }
    }
  }

  private func nextStep(of reply: inout DemoReply) -> DemoStep? {
    if self.overture < reply.overture.count {
      self.overture += 1
      return reply.overture[self.overture - 1]
    }
    if !self.hasSentHead {
      self.hasSentHead = true
      ResponseWriter.head(
        status: reply.status, fields: reply.fields, framing: reply.length.map { .length($0) } ?? .chunked,
        date: HTTPDate.text(unixSeconds: Clock.wallSeconds()), keepsAlive: true, to: &self.output)
      return .bytes([])
    }
    return reply.steps.next()
  }

  private func finish(_ reply: DemoReply) {
    if reply.length == nil { ResponseWriter.lastChunk(to: &self.output) }
    self.phase = .head
    _ = self.flushed()
    self.advance()
  }

  /// Sends what is written; false while the socket is full.
  private func flushed() -> Bool {
    while !self.output.isEmpty {
      switch self.socket.send(from: self.output) {
      case .moved(let count):
        self.output.consume(count)
      case .wouldBlock:
        if let token = self.token { self.server.loop.change(token, to: [.read, .write, .hangUp]) }
        return false
      case .ended, .failed:
        self.close()
        return false
      }
    }
    if let token = self.token { self.server.loop.change(token, to: [.read, .hangUp]) }
    return true
  }

  private func close() {
    self.phase = .closed
    self.deadline.cancel()
    if let token = self.token { self.server.loop.forget(token) }
    self.token = nil
    self.server.forget(self)
  }
}
