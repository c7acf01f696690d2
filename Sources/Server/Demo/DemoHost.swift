internal import Demo
internal import Platform

/// Serves the demo upstream on a socket nobody else can reach: an abstract name no one can guess, for our own process only.
final class DemoHost {
  let socketName: String
  private var thread: Thread?

  init() {
    let salt = String(Resources.randomBits(), radix: 16) + String(Resources.randomBits(), radix: 16)
    self.socketName = "claude-proxy-demo-\(salt)"
  }

  /// Starts it, if it does not run yet. It ends with the process.
  func run(_ log: Logger) {
    guard self.thread == nil else { return }
    do throws(Errno) {
      guard let address = SocketAddress(abstractName: self.socketName) else { return }
      let listener = try Listener.bind(address, backlog: 1024)
      self.thread = try Thread.start(name: "demo") {
        do throws(Errno) {
          try DemoServer(listener).run()
        } catch {
          Self.complain(error, log)
        }
      }
    } catch {
      Self.complain(error, log)
    }
  }

  private static func complain(_ error: Errno, _ log: Logger) {
    log.error("the demo upstream cannot start: \(error)")
  }
}

/// The demo upstream's thread.
final class DemoServer: EventHandler, DeadlineHandler {
  let loop: EventLoop
  let wheel: TimerWheel
  let room = ReadRoom()
  private let listener: Listener
  private var connections: [ObjectIdentifier: DemoConnection] = [:]
  private var serial = 0
  private var token: EventLoop.Token?
  private lazy var pauseEnd = Deadline(self)

  init(_ listener: Listener) throws(Errno) {
    self.loop = try EventLoop()
    self.wheel = TimerWheel(now: self.loop.now)
    self.listener = listener
  }

  func run() {
    self.listen()
    while true {
      let wait = self.wheel.millisecondsUntilNext(from: self.loop.now) ?? 60_000
      self.loop.turn(waitingAtMost: Int32(clamping: wait))
      self.wheel.fire(now: self.loop.now)
    }
  }

  func nextSerial() -> Int {
    self.serial &+= 1
    return self.serial
  }

  func forget(_ connection: DemoConnection) {
    self.connections[ObjectIdentifier(connection)] = nil
  }

  func descriptorReady(_ readiness: Readiness) {
    while true {
      switch self.listener.accept() {
      case .connection(let descriptor, _): self.welcome(StreamSocket(descriptor))
      case .none: return
      case .outOfDescriptors, .failed: return self.pause()
      }
    }
  }

  func deadlinePassed(_ deadline: Deadline) {
    self.listen()
  }

  private func welcome(_ socket: StreamSocket) {
    guard socket.peerProcess == Resources.processID else { return }
    let connection = DemoConnection(socket, self)
    self.connections[ObjectIdentifier(connection)] = connection
    connection.begin()
  }

  private func listen() {
    self.token = try? self.loop.watch(self.listener.descriptor.raw, for: .read, self)
    if self.token == nil { self.wheel.set(self.pauseEnd, at: self.loop.now + 100) }
  }

  /// A listener that cannot be served stays readable: waiting is better than spinning.
  private func pause() {
    if let token = self.token { self.loop.forget(token) }
    self.token = nil
    self.wheel.set(self.pauseEnd, at: self.loop.now + 100)
  }
}
