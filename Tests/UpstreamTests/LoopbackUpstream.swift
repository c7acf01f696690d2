import Foundation
import Platform
import Synchronization
import Testing

/// An upstream on the loopback: each connection is played by a script on a thread of its own.
final class LoopbackUpstream: Sendable {
  /// One connection, seen from the upstream's side, with blocking calls that give up after ten seconds.
  final class Connection: Sendable {
    private let descriptor: OwnedDescriptor
    /// Counted from 1.
    let number: Int

    init(_ descriptor: OwnedDescriptor, number: Int) {
      self.descriptor = descriptor
      self.number = number
      let flags = fcntl(descriptor.raw, F_GETFL)
      _ = fcntl(descriptor.raw, F_SETFL, flags & ~O_NONBLOCK)
      var patience = timeval(tv_sec: 10, tv_usec: 0)
      let size = socklen_t(MemoryLayout<timeval>.size)
      setsockopt(descriptor.raw, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
      setsockopt(descriptor.raw, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    }

    /// What comes next; nil at the end.
    func receive(_ room: Int = 65_536) -> [UInt8]? {
      var bytes = [UInt8](repeating: 0, count: room)
      let count = recv(self.descriptor.raw, &bytes, room, 0)
      return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    /// A whole request by its content-length; nil if none comes.
    func request() -> (head: String, body: [UInt8])? {
      var bytes: [UInt8] = []
      var end: Int?
      while end == nil {
        guard let more = self.receive() else { return nil }
        bytes += more
        end = bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) }
      }
      let head = String(decoding: bytes.prefix(end ?? 0), as: UTF8.self)
      let lengths = head.lowercased().split(separator: "\r\n").filter { $0.hasPrefix("content-length: ") }
      let length = lengths.first.flatMap { Int($0.dropFirst(16)) } ?? 0
      var body = Array(bytes.dropFirst((end ?? 0) + 4))
      while body.count < length {
        guard let more = self.receive() else { return nil }
        body += more
      }
      return (head, body)
    }

    /// False when the other side has gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
      var sent = 0
      while sent < bytes.count {
        let count = bytes.withUnsafeBytes {
          Foundation.send(
            self.descriptor.raw, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return false }
        sent += count
      }
      return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { self.send(Array(text.utf8)) }

    func reset() { StreamSocket(self.descriptor).resetOnClose() }
  }

  typealias Script = @Sendable (Connection) -> Void

  let address: SocketAddress
  private let listener: Listener
  private let mailbox: Mailbox
  private let acceptor: Platform.Thread

  /// Serves on a port of 127.0.0.1, or on an abstract name, until `stop`.
  init(abstractName: String? = nil, _ script: @escaping Script) throws {
    let wanted =
      abstractName.map { SocketAddress(abstractName: $0) } ?? SocketAddress(host: "127.0.0.1", port: 0)
    let listener = try Listener.bind(try #require(wanted), backlog: 64)
    self.listener = listener
    self.address = try #require(listener.localAddress)
    let connections = try Mailbox()
    self.acceptor = try Platform.Thread.start(name: "upstream") {
      while let (descriptor, number) = Self.next(listener, connections) {
        let connection = Connection(descriptor, number: number)
        if let thread = try? Platform.Thread.start(name: "script", { script(connection) }) {
          connections.threads.withLock { $0.append(thread) }
        }
      }
    }
    self.mailbox = connections
  }

  /// How many connections have come.
  var connections: Int { self.mailbox.count.load(ordering: .relaxed) }
  var url: String { "http://\(self.address)" }

  /// Takes no more connections and waits for the scripts to end.
  func stop() {
    self.mailbox.end.ring()
    self.acceptor.join()
    for thread in self.mailbox.threads.withLock({ $0 }) { thread.join() }
  }

  private static func next(_ listener: Listener, _ mailbox: Mailbox) -> (OwnedDescriptor, Int)? {
    while true {
      var ready = [
        pollfd(fd: listener.descriptor.raw, events: Int16(POLLIN), revents: 0),
        pollfd(fd: mailbox.end.descriptor.raw, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&ready, 2, 30_000) > 0, ready[1].revents == 0 else { return nil }
      guard case .connection(let descriptor, _) = listener.accept() else { continue }
      return (descriptor, mailbox.count.add(1, ordering: .relaxed).newValue)
    }
  }

  private final class Mailbox: Sendable {
    let end: Wakeup
    let count = Atomic<Int>(0)
    let threads = Mutex<[Platform.Thread]>([])

    init() throws { self.end = try Wakeup() }
  }
}

/// What a script has seen, for the test to wait for.
final class Sightings: Sendable {
  private let seen = Mutex<[String]>([])
  private let condition = DispatchSemaphore(value: 0)

  func append(_ what: String) {
    self.seen.withLock { $0.append(what) }
    self.condition.signal()
  }

  /// The next `count` sightings, waited for at most ten seconds each.
  func next(_ count: Int = 1) -> [String] {
    for _ in 0..<count where self.condition.wait(timeout: .now() + 10) == .timedOut { break }
    return self.seen.withLock { seen in
      let taken = Array(seen.prefix(count))
      seen.removeFirst(taken.count)
      return taken
    }
  }
}
