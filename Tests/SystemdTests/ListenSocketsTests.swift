import Foundation
import Platform
import Testing

@testable import Systemd

struct ListenSocketsTests {
  @Test func `without the variables there are no sockets`() throws {
    #expect(try Probe(setsListenPID: false).ask("sockets") == [])
  }

  @Test func `several sockets of several kinds come in order with their names`() throws {
    let directory = try TemporaryDirectory()
    let four = try TestSockets.tcp()
    let six = try TestSockets.tcp("::1")
    let unix = try TestSockets.unix("\(directory.path)/nginx.sock", SOCK_STREAM)
    let abstract = try TestSockets.unix("@claude-proxy-\(getpid())", SOCK_STREAM)
    let names = "claude-proxy.socket:six:claude-proxy.socket:admin"
    let probe = Probe(
      environment: ["LISTEN_FDS": "4", "LISTEN_FDNAMES": names],
      passed: [four.raw, six.raw, unix.raw, abstract.raw])
    let flags = "nonblocking=true cloexec=true"
    let ports = [four, six].map { SocketAddress.local(of: $0)?.port ?? 0 }
    #expect(
      try probe.ask("sockets") == [
        "socket claude-proxy.socket ipv4 127.0.0.1:\(ports[0]) \(flags)",
        "socket six ipv6 [::1]:\(ports[1]) \(flags)",
        "socket claude-proxy.socket unix \(directory.path)/nginx.sock \(flags)",
        "socket admin unix @claude-proxy-\(getpid()) \(flags)",
      ])
  }

  @Test func `sockets without names are called unknown`() throws {
    let listener = try TestSockets.tcp()
    let lines = try Probe(environment: ["LISTEN_FDS": "1"], passed: [listener.raw]).ask("sockets")
    #expect(lines.count == 1 && lines[0].hasPrefix("socket unknown ipv4 127.0.0.1:"))
  }

  @Test func `the variables of another process are not ours`() throws {
    let listener = try TestSockets.tcp()
    let probe = Probe(
      environment: ["LISTEN_FDS": "1", "LISTEN_PID": "1"], passed: [listener.raw], setsListenPID: false)
    #expect(try probe.ask("sockets") == [])
  }

  @Test func `names that do not fit the number are an error`() throws {
    let listener = try TestSockets.tcp()
    let probe = Probe(environment: ["LISTEN_FDS": "1", "LISTEN_FDNAMES": "a:b"], passed: [listener.raw])
    let lines = try probe.ask("sockets")
    #expect(lines.count == 1)
    #expect(lines[0].hasPrefix("error LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES do not fit together"))
  }

  @Test func `a socket that cannot be served is named with its descriptor`() throws {
    let good = try TestSockets.tcp()
    let datagram = try TestSockets.open(AF_INET, SOCK_DGRAM)
    let probe = Probe(
      environment: ["LISTEN_FDS": "2", "LISTEN_FDNAMES": "good:udp"], passed: [good.raw, datagram.raw])
    #expect(
      try probe.ask("sockets") == [
        "error descriptor 4 (udp) is not a stream socket: use ListenStream= in its socket unit"
      ])
  }

  @Test func `a socket that does not listen is refused`() throws {
    let idle = try TestSockets.open(AF_INET, SOCK_STREAM)
    #expect(throws: ListenSocketError.notListening(descriptor: idle.raw, name: "idle")) {
      try ListenSockets.inspect(idle, name: "idle")
    }
  }

  @Test func `a descriptor that is no socket is refused`() throws {
    let raw = open("/dev/null", O_RDONLY)
    let file = OwnedDescriptor(taking: raw)
    #expect(throws: ListenSocketError.notAStreamSocket(descriptor: raw, name: "file")) {
      try ListenSockets.inspect(file, name: "file")
    }
  }
}
