import Foundation
import Platform
import Testing
import Upstream
import Wire

/// Answers that are none, or not whole.
@Suite struct FailureTests {
  private static let head = "HTTP/1.1 200 OK\r\n"

  @Test(
    "an answer cut short is reported as failed, after the bytes that came",
    arguments: Way.allCases,
    [
      ("Content-Length: 10\r\n\r\nhalf", false, "half", TransferFault.truncated),
      ("Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", false, "half", .truncated),
      ("Transfer-Encoding: chunked\r\n\r\n8\r\nhalf", false, "half", .truncated),
      ("Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", false, "half", .truncated),
      ("Content-Length: 10\r\n\r\nhalf", true, nil, .reset),
      ("Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", true, nil, .reset),
    ] as [(String, Bool, String?, TransferFault)])
  func truncated(_ way: Way, _ cut: (answer: String, isReset: Bool, body: String?, fault: TransferFault))
    throws
  {
    let go = DispatchSemaphore(value: 0)
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      connection.send(Self.head + cut.answer)
      // Only when the bytes have been read: a reset may overtake them.
      _ = go.wait(timeout: .now() + 10)
      if cut.isReset { connection.reset() }
    }
    let caller = try Caller()
    let owner = Owner()
    _ = try caller.start(Caller.order(way, upstream.url), owner)
    caller.turn { owner.text == "half" }
    go.signal()
    caller.turn { owner.outcome != nil }
    #expect(owner.outcome == .failed(cut.fault))
    #expect(!cut.fault.happenedBeforeSending)
    if let body = cut.body { #expect(owner.text == body) }
    upstream.stop()
  }

  @Test(
    "what is no HTTP is no answer",
    arguments: Way.allCases,
    [
      ("", TransferFault.reset), ("hello\r\n\r\n", .unintelligible), ("HTTP/1.1 2", .reset),
      ("SSH-2.0-OpenSSH_9.2\r\n", .unintelligible), ("HTTP/9.9 200 OK\r\n\r\n", .unintelligible),
    ])
  func nonsense(_ way: Way, _ nonsense: (answer: String, fault: TransferFault)) throws {
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      connection.send(nonsense.answer)
    }
    let owner = try Caller().call(Caller.order(way, upstream.url))
    #expect(owner.outcome == .failed(nonsense.fault))
    #expect(owner.heads.isEmpty && owner.body.isEmpty)
    upstream.stop()
  }

  @Test("a head that is too large is no answer", arguments: Way.allCases, [1_000, 90_000, 150_000])
  func hugeHead(_ way: Way, _ line: Int) throws {
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      connection.send(Self.head)
      let field = "X-Large: " + String(repeating: "x", count: line) + "\r\n"
      for _ in 0..<(290_000 / line) where !connection.send(field) { return }
      connection.send("\r\nbody")
    }
    let owner = try Caller().call(Caller.order(way, upstream.url))
    #expect(owner.outcome == .failed(.unintelligible) && owner.heads.isEmpty && owner.body.isEmpty)
    upstream.stop()
  }

  @Test("a port nobody listens on is unreachable, and nothing has been sent", arguments: Way.allCases)
  func refused(_ way: Way) throws {
    let listener = try Listener.bind(try #require(SocketAddress(host: "127.0.0.1", port: 0)), backlog: 1)
    let address = try #require(listener.localAddress)
    listener.refuseConnections()
    let owner = try Caller().call(Caller.order(way, "http://\(address)/"))
    #expect(owner.outcome == .failed(.unreachable))
    #expect(TransferFault.unreachable.happenedBeforeSending)
  }

  @Test("a missing abstract socket is unreachable", arguments: Way.allCases)
  func noSocket(_ way: Way) throws {
    let owner = try Caller().call(
      Caller.order(way, "http://x.invalid/", abstractSocket: "nobody-\(Resources.randomBits())"))
    #expect(owner.outcome == .failed(.unreachable))
  }

  @Test("a connection that does not come about ends after its time, and not before", arguments: Way.allCases)
  func connectTimeout(_ way: Way) throws {
    let listener = try Listener.bind(try #require(SocketAddress(host: "127.0.0.1", port: 0)), backlog: 0)
    let address = try #require(listener.localAddress)
    // Whoever comes when the queue is full is not answered.
    var waiting: [OwnedDescriptor] = []
    for _ in 0..<4 {
      let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
      waiting.append(OwnedDescriptor(taking: raw))
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = address.port.bigEndian
      inet_pton(AF_INET, address.host, &four.sin_addr)
      withUnsafePointer(to: &four) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    let begun = Clock.monotonicMilliseconds()
    let owner = try Caller().call(Caller.order(way, "http://\(address)/", connectMilliseconds: 300))
    #expect(owner.outcome == .failed(.connectTimeout))
    #expect(Clock.monotonicMilliseconds() - begun >= 290)
    #expect(TransferFault.connectTimeout.happenedBeforeSending)
  }

  @Test(
    "an upstream that answers before it has read the request is heard", arguments: Way.allCases,
    [10, 20_000_000])
  func earlyAnswer(_ way: Way, _ size: Int) throws {
    let upstream = try LoopbackUpstream { connection in
      _ = connection.receive(1_000)
      connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
      while connection.receive() != nil {}
    }
    let owner: Owner
    do {
      let caller = try Caller()
      owner = try caller.call(Caller.order(way, upstream.url, body: Array(repeating: 0x61, count: size)))
    }
    #expect(owner.status == 413 && owner.text == "big" && owner.outcome == .complete)
    upstream.stop()
  }

  @Test("nothing that says why an answer failed names a host or an address")
  func wording() {
    let faults: [TransferFault] = [
      .unresolved, .unreachable, .connectTimeout, .untrusted, .truncated, .reset, .unintelligible, .refused,
    ]
    for fault in faults { #expect(fault.rawValue.allSatisfy { $0.isLetter || " ',".contains($0) }) }
  }

  @Test("no descriptor is left when a set has gone, however its transfers ended", arguments: Way.allCases)
  func descriptors(_ way: Way) async {
    await #expect(processExitsWith: .success) { [way = way as Way] in
      let upstream = try LoopbackUpstream { connection in
        while let request = connection.request() {
          if request.head.hasPrefix("POST /cut") {
            return _ = connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
          }
          if request.head.hasPrefix("POST /never") { continue }
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
      }
      let before = (0..<1_024).count { fcntl($0, F_GETFD) >= 0 }
      for _ in 0..<20 {
        let caller = try Caller()
        let never = Owner()
        let held = Owner()
        _ = try caller.start(Caller.order(way, upstream.url + "/never"), never)
        let cancelled = try caller.start(Caller.order(way, upstream.url + "/never"), held)
        #expect(try caller.call(Caller.order(way, upstream.url)).outcome == .complete)
        #expect(try caller.call(Caller.order(way, upstream.url + "/cut")).outcome == .failed(.truncated))
        cancelled.cancel()
      }
      upstream.stop()
      let after = (0..<1_024).count { fcntl($0, F_GETFD) >= 0 }
      // The runtime may open one of its own meanwhile; what is left behind each time would be twenty.
      #expect(after < before + 10)
    }
  }
}
