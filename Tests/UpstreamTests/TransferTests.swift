import Foundation
import Platform
import Synchronization
import Testing
import Upstream
import Wire

/// What goes out and what comes back when nothing goes wrong.
@Suite struct TransferTests {
  @Test("a whole reply arrives with its head, its bytes and its end", arguments: Way.allCases)
  func whole(_ way: Way) throws {
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      connection.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 5\r\n\r\nhello")
    }
    let caller = try Caller()
    let owner = try caller.call(Caller.order(way, upstream.url + "/x"))
    #expect(owner.status == 200 && owner.text == "hello" && owner.outcome == .complete)
    #expect(owner.heads.first?.fields.values(of: "x-a") == ["1", "2"])
    #expect(caller.transfers.count == 0)
    upstream.stop()
  }

  @Test(
    "a request goes out as ordered, whatever its body's size",
    arguments: Way.allCases, [0, 1, 16_384, 65_536, 65_537, 3_000_000])
  func request(_ way: Way, _ size: Int) throws {
    let seen = Mutex<(head: String, body: [UInt8])?>(nil)
    let upstream = try LoopbackUpstream { connection in
      let request = connection.request()
      seen.withLock { $0 = request }
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }
    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let fields = [
      "X-Name: value", "x-empty;", "accept:", "content-type: application/json", "user-agent: u/1",
    ]
    let owner = try Caller().call(Caller.order(way, upstream.url + "/a/b?c=d&e", fields, body: body))
    upstream.stop()
    #expect(owner.outcome == .complete)
    let request = try #require(seen.withLock { $0 })
    #expect(request.body == body)
    let lines = request.head.split(separator: "\r\n").map(String.init)
    #expect(lines.first == "POST /a/b?c=d&e HTTP/1.1")
    let expected = [
      "Host: \(upstream.address)", "X-Name: value", "x-empty:", "content-type: application/json",
      "user-agent: u/1",
      "Content-Length: \(size)",
    ]
    #expect(Set(lines.dropFirst()) == Set(expected))
  }

  @Test(
    "an answer that begins early takes nothing from its request, nor from the next one on the same connection",
    arguments: Way.allCases, [0, 50, 60_000, 3_000_000])
  func early(_ way: Way, _ size: Int) throws {
    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let seen = Mutex<[Bool]>([])
    let upstream = try LoopbackUpstream { connection in
      for _ in 0..<2 {
        guard var bytes = connection.receive(1_000) else { return }
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        let head = bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) } ?? 0
        while bytes.count < head + 4 + size {
          guard let more = connection.receive() else { return }
          bytes += more
        }
        seen.withLock { $0.append(Array(bytes.dropFirst(head + 4)) == body) }
        connection.send("3\r\ntwo\r\n0\r\n\r\n")
      }
    }
    let caller = try Caller()
    for _ in 0..<2 {
      let owner = try caller.call(Caller.order(way, upstream.url, body: body))
      #expect(owner.outcome == .complete && owner.text == "onetwo")
    }
    #expect(seen.withLock { $0 } == [true, true])
    upstream.stop()
  }

  @Test("a GET has no body", arguments: Way.allCases)
  func get(_ way: Way) throws {
    let upstream = try LoopbackUpstream { connection in
      let request = connection.request()
      connection.send(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\(request?.head.split(separator: "\r\n").first ?? "")")
    }
    let owner = try Caller().call(Caller.order(way, upstream.url + "/models", method: .get))
    #expect(owner.text == "GET /models HTTP/1.1" && owner.outcome == .complete)
    upstream.stop()
  }

  @Test(
    "a chunked stream arrives as it comes, without its trailers; interim replies are skipped",
    arguments: Way.allCases)
  func chunked(_ way: Way) throws {
    let go = DispatchSemaphore(value: 0)
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      connection.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
      connection.send("HTTP/1.1 200 OK\r\nX-Real: yes\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n")
      for piece in ["one", "two", "three"] {
        connection.send(String(piece.utf8.count, radix: 16) + ";ext=1\r\n\(piece)\r\n")
        guard go.wait(timeout: .now() + 10) == .success else { return }
      }
      connection.send("0\r\nX-T: late\r\n\r\n")
    }
    let caller = try Caller()
    let owner = Owner()
    _ = try caller.start(Caller.order(way, upstream.url), owner)
    for text in ["one", "onetwo", "onetwothree"] {
      caller.turn { owner.text == text }
      #expect(owner.outcome == nil)
      go.signal()
    }
    caller.turn { owner.outcome != nil }
    #expect(owner.outcome == .complete && owner.heads.count == 1 && owner.status == 200)
    #expect(
      owner.heads.first?.fields.contains("link") == false
        && owner.heads.first?.fields.contains("x-t") == false)
    #expect(owner.heads.first?.fields.value(of: "x-real") == "yes")
    upstream.stop()
  }

  @Test(
    "a head's lines may end as they like",
    arguments: Way.allCases,
    [
      "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n", "HTTP/1.1 200 OK\nX-A: 1\n\n", "HTTP/1.1 200 OK\nX-A: 1\n\r\n",
      "HTTP/1.1 200 OK\r\nX-A: 1\r\n\n", "HTTP/1.0 200\r\nX-A: 1\r\n\r\n",
    ])
  func lineEnds(_ way: Way, _ head: String) throws {
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      connection.send(head + "body")
    }
    let owner = try Caller().call(Caller.order(way, upstream.url))
    #expect(owner.status == 200 && owner.text == "body" && owner.outcome == .complete)
    #expect(owner.heads.first?.fields.value(of: "x-a") == "1")
    upstream.stop()
  }

  @Test("a connection is used again for the next request", arguments: Way.allCases)
  func reuse(_ way: Way) throws {
    let upstream = try LoopbackUpstream { connection in
      while connection.request() != nil { connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") }
    }
    do {
      let caller = try Caller()
      for _ in 0..<20 { #expect(try caller.call(Caller.order(way, upstream.url)).outcome == .complete) }
    }
    upstream.stop()
    #expect(upstream.connections == 1)
  }

  @Test(
    "a reused connection that turns out to be dead is replaced, and the body sent again",
    arguments: Way.allCases, [10, 300_000])
  func deadReuse(_ way: Way, _ size: Int) throws {
    let bodies = Sightings()
    let upstream = try LoopbackUpstream { connection in
      guard let first = connection.request() else { return }
      bodies.append("\(connection.number): \(first.body.count)")
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
      // The second request is taken whole and never answered.
      if let second = connection.request() { bodies.append("\(connection.number): \(second.body.count)") }
    }
    do {
      let caller = try Caller()
      let order = Caller.order(way, upstream.url, body: Array(repeating: 0x61, count: size))
      #expect(try caller.call(order).outcome == .complete)
      let owner = try caller.call(order)
      #expect(owner.outcome == .complete && owner.text == "x")
    }
    upstream.stop()
    #expect(bodies.next(3) == ["1: \(size)", "1: \(size)", "2: \(size)"])
  }

  @Test("many transfers at once each get their own reply", arguments: Way.allCases)
  func many(_ way: Way) throws {
    let upstream = try LoopbackUpstream { connection in
      while let request = connection.request() {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
        connection.send(request.body)
      }
    }
    do {
      let caller = try Caller()
      var owners: [Owner] = []
      for index in 0..<40 {
        let owner = Owner()
        owners.append(owner)
        _ = try caller.start(Caller.order(way, upstream.url, body: Array("body \(index)".utf8)), owner)
      }
      caller.turn { owners.allSatisfy { $0.outcome != nil } }
      #expect(owners.map(\.text) == (0..<40).map { "body \($0)" })
    }
    upstream.stop()
  }

  @Test("an abstract socket stands in for the host", arguments: Way.allCases)
  func abstractSocket(_ way: Way) throws {
    let name = "upstream-tests-\(getpid())-\(Resources.randomBits())"
    let upstream = try LoopbackUpstream(abstractName: name) { connection in
      let host = connection.request()?.head.split(separator: "\r\n").first { $0.hasPrefix("Host: ") } ?? ""
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(host.utf8.count)\r\n\r\n\(host)")
    }
    let owner = try Caller().call(Caller.order(way, "http://demo.invalid/x", abstractSocket: name))
    #expect(owner.text == "Host: demo.invalid" && owner.outcome == .complete)
    upstream.stop()
  }

  @Test(
    "an owner may start the next transfer from the end of one, and cancel others meanwhile",
    arguments: Way.allCases)
  func reentrant(_ way: Way) throws {
    let upstream = try LoopbackUpstream { connection in
      while let request = connection.request() {
        if request.head.hasPrefix("POST /never") { continue }
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      }
    }
    do {
      let caller = try Caller()
      let (silent, first, second) = (Owner(), Owner(), Owner())
      let never = try caller.start(Caller.order(way, upstream.url + "/never"), silent)
      first.onEnd = { _ in
        never.cancel()
        _ = try? caller.start(Caller.order(way, upstream.url), second)
      }
      _ = try caller.start(Caller.order(way, upstream.url), first)
      caller.turn { second.outcome != nil }
      #expect(second.text == "ok" && silent.outcomes.isEmpty && caller.transfers.count == 0)
    }
    upstream.stop()
  }
}
