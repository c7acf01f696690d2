import Foundation
import Platform
import Testing

/// Addresses, listeners, streams.
@Suite struct SocketTests {
  @Test(
    "an address keeps host, port and family through its text",
    arguments: [
      ("127.0.0.1", 5000, "127.0.0.1:5000", AF_INET), ("0.0.0.0", 0, "0.0.0.0:0", AF_INET),
      ("255.255.255.255", 65_535, "255.255.255.255:65535", AF_INET), ("::1", 8082, "[::1]:8082", AF_INET6),
      ("0:0:0:0:0:0:0:0", 80, "[::]:80", AF_INET6), ("2001:DB8::A", 1, "[2001:db8::a]:1", AF_INET6),
      ("::ffff:10.0.0.1", 443, "[::ffff:10.0.0.1]:443", AF_INET6),
    ] as [(String, UInt16, String, Int32)])
  func literal(_ host: String, _ port: UInt16, _ text: String, _ family: Int32) throws {
    let address = try #require(SocketAddress(host: host, port: port))
    #expect(address.description == text)
    #expect(address.port == port)
    #expect(address.family == family)
    #expect(address.isInternet)
    #expect(SocketAddress(host: address.host, port: port) == address)
    #expect(SocketAddress(host: host, port: port ^ 1) != address)
  }

  @Test(
    "what is no literal address is none",
    arguments: [
      "", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "[::1]", "::1%lo", "1.2.3.4 ", ":::",
    ])
  func noLiteral(_ host: String) {
    #expect(SocketAddress(host: host, port: 1) == nil)
  }

  @Test("an abstract name has 1 to 107 bytes and is shown behind an at sign")
  func abstractName() {
    #expect(SocketAddress(abstractName: "") == nil)
    #expect(SocketAddress(abstractName: String(repeating: "x", count: 108)) == nil)
    #expect(SocketAddress(abstractName: "name")?.description == "@name")
    #expect(SocketAddress(abstractName: "name")?.isInternet == false)
    #expect(SocketAddress.unnamed.description == "unix")
  }

  @Test(
    "a listener knows its address, and its connections come with their peer's",
    arguments: ["127.0.0.1", "::1"])
  func internet(_ host: String) throws {
    let listener = try Listener.bind(try #require(SocketAddress(host: host, port: 0)), backlog: 4)
    let address = try #require(listener.localAddress)
    #expect(address.host == host && address.port != 0)
    #expect(listener.accept().isNone)
    let client = try Descriptors.connect(to: address)
    guard case .connection(let accepted, let peer) = listener.awaited else {
      Issue.record("no connection came")
      return
    }
    #expect(peer == SocketAddress.local(of: client))
    #expect(SocketAddress.local(of: accepted) == address)
    #expect(fcntl(accepted.raw, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(accepted.raw, F_GETFD) & FD_CLOEXEC != 0)
    #expect(listener.accept().isNone)
  }

  @Test(
    "an abstract listener is reached by its name, and knows which process called", arguments: [1, 20, 107])
  func abstract(_ length: Int) throws {
    let tail = String(getpid()) + String(repeating: "n", count: 107)
    let address = try #require(
      SocketAddress(abstractName: String(("a" + tail).prefix(max(length, 9)).prefix(107))))
    let listener = try Listener.bind(address, backlog: 4)
    #expect(listener.localAddress == address)
    let client = try Descriptors.connect(to: address)
    guard case .connection(let accepted, let peer) = listener.awaited else {
      Issue.record("no connection came")
      return
    }
    #expect(peer == .unnamed)
    #expect(StreamSocket(accepted).peerProcess == getpid())
    #expect(StreamSocket(client).peerProcess == getpid())
    #expect(throws: Errno(code: EADDRINUSE)) { try Listener.bind(address, backlog: 4) }
  }

  @Test("a unix socket with a file shows its path")
  func path() throws {
    let path = NSTemporaryDirectory() + "platform-\(getpid()).sock"
    unlink(path)
    defer { unlink(path) }
    let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let descriptor = OwnedDescriptor(taking: raw)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.bind(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(code == 0)
    let local = try #require(SocketAddress.local(of: descriptor))
    #expect(local.description == path)
    #expect(local.port == 0 && local.host == "unix")
  }

  @Test("a taken port is an error")
  func takenPort() throws {
    let listener = try Listener.bind(try #require(SocketAddress(host: "127.0.0.1", port: 0)), backlog: 1)
    let address = try #require(listener.localAddress)
    #expect(throws: Errno(code: EADDRINUSE)) { try Listener.bind(address, backlog: 1) }
  }

  @Test("without a free descriptor a connection waits, and is there when one is free again")
  func outOfDescriptors() async {
    await #expect(processExitsWith: .success) {
      let listener = try Listener.bind(try #require(SocketAddress(host: "127.0.0.1", port: 0)), backlog: 4)
      let client = try Descriptors.connect(to: try #require(listener.localAddress))
      #expect(listener.isReadable)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      var low = limit
      low.rlim_cur = 0
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &low)
      let accepted = listener.accept()
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      #expect(accepted.isOutOfDescriptors)
      #expect(listener.awaited.connection != nil)
      _ = client
    }
  }

  @Test("a listener that refuses is refused, though its descriptor is still open")
  func refusing() throws {
    let listener = try Listener.bind(try #require(SocketAddress(host: "127.0.0.1", port: 0)), backlog: 4)
    let address = try #require(listener.localAddress)
    listener.refuseConnections()
    #expect(throws: Errno(code: ECONNREFUSED)) { try Descriptors.connect(to: address) }
    #expect(Descriptors.isOpen(listener.descriptor.raw))
  }

  @Test("a stream moves bytes, blocks when full, and tells the end from a failure")
  func stream() throws {
    let (one, other) = try Descriptors.pair()
    let (writer, reader) = (StreamSocket(one), StreamSocket(other))
    let room = ReadRoom()
    #expect(reader.receive(into: room) == .wouldBlock)
    #expect(writer.send([1, 2, 3].span) == .moved(3))
    #expect(reader.receive(into: room) == .moved(3))
    #expect(room.take { bytes in (0..<bytes.count).map { bytes[$0] } } == [1, 2, 3])
    let block = [UInt8](repeating: 7, count: 65_536)
    var sent = 0
    while case .moved(let count) = writer.send(block.span) { sent += count }
    #expect(writer.send(block.span) == .wouldBlock)
    writer.finishSending()
    var received = 0
    while case .moved(let count) = reader.receive(into: room) { received += count }
    #expect(received == sent)
    #expect(reader.receive(into: room) == .ended)
    #expect(room.take { $0.count } == 0)
    shutdown(other.raw, Int32(SHUT_RDWR))
    #expect(writer.send(block.span) == .failed(Errno(code: EPIPE)))
  }

  @Test("after resetOnClose the peer sees a reset and no end")
  func reset() throws {
    let listener = try Listener.bind(try #require(SocketAddress(host: "127.0.0.1", port: 0)), backlog: 4)
    let client = try Descriptors.connect(to: try #require(listener.localAddress))
    do {
      let accepted = try #require(listener.awaited.connection)
      StreamSocket(accepted).sendSmallWritesAtOnce()
      StreamSocket(accepted).resetOnClose()
    }
    var ready = pollfd(fd: client.raw, events: Int16(POLLIN), revents: 0)
    #expect(poll(&ready, 1, 10_000) == 1)
    #expect(StreamSocket(client).receive(into: ReadRoom()) == .failed(Errno(code: ECONNRESET)))
  }
}
