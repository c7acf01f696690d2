import Foundation
import Platform
import Synchronization
import Testing
import Upstream
import Wire

/// Holding, resuming and cancelling.
@Suite struct FlowTests {
  private static let total = 50 << 20

  private static func block(at offset: Int, count: Int) -> [UInt8] {
    (offset..<offset + count).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 13) }
  }

  @Test(
    "a held owner of a fast reply stops the upstream, and gets every byte when it goes on",
    arguments: Way.allCases)
  func hold(_ way: Way) throws {
    let sent = Atomic<Int>(0)
    let isChunked = [false, true]
    for chunked in isChunked {
      sent.store(0, ordering: .relaxed)
      // One megabyte again and again, so that the test's own work stays small.
      let block = Self.block(at: 0, count: 1 << 20)
      let upstream = try LoopbackUpstream { connection in
        _ = connection.request()
        connection.send("HTTP/1.1 200 OK\r\n")
        connection.send(
          chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: \(Self.total)\r\n\r\n")
        for _ in 0..<Self.total / block.count {
          if chunked { connection.send("100000\r\n") }
          guard connection.send(block) else { return }
          if chunked { connection.send("\r\n") }
          sent.add(block.count, ordering: .relaxed)
        }
        if chunked { connection.send("0\r\n\r\n") }
      }
      let caller = try Caller()
      let owner = Counter(block)
      let transfer = try #require(caller.transfers.start(Caller.order(way, upstream.url), owner: owner))
      owner.onBytes = { if owner.count < 200_000 { $0.hold() } }
      caller.turn { owner.count > 0 }
      var still = 0
      while still < 10 {
        let before = owner.count
        caller.turnOnce(waitingAtMost: 20)
        still = owner.count == before ? still + 1 : 0
      }
      #expect(owner.count < 200_000, "what comes after hold() is at most what was on its way")
      #expect(
        sent.load(ordering: .relaxed) < 25 << 20, "the rest waits in the kernel's buffers and at the upstream"
      )
      // Stop and go all the way.
      owner.onBytes = { $0.hold() }
      transfer.resume()
      caller.turn {
        transfer.resume()
        return owner.outcome != nil
      }
      #expect(owner.outcome == .complete && owner.count == Self.total && owner.isIntact)
      upstream.stop()
    }
  }

  /// Compares with a block that comes again and again instead of keeping it.
  private final class Counter: TransferOwner {
    private let block: [UInt8]
    private(set) var count = 0
    private(set) var isIntact = true
    private(set) var outcome: TransferOutcome?
    var onBytes: (Transfer) -> Void = { _ in }

    init(_ block: [UInt8]) { self.block = block }

    func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead) {}

    func transferBytesArrived(_ transfer: Transfer, _ bytes: Span<UInt8>) {
      var done = 0
      while done < bytes.count {
        let start = (self.count + done) % self.block.count
        let part = min(bytes.count - done, self.block.count - start)
        let isSame = bytes.withUnsafeBytes { came in
          self.block.withUnsafeBytes { sent in
            guard let one = came.baseAddress, let other = sent.baseAddress else { return false }
            return memcmp(one + done, other + start, part) == 0
          }
        }
        self.isIntact = self.isIntact && isSame
        done += part
      }
      self.count += bytes.count
      self.onBytes(transfer)
    }

    func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome) {
      self.outcome = outcome
    }
  }

  @Test(
    "a reply that ends while its owner holds ends when the owner goes on, with all its bytes",
    arguments: Way.allCases)
  func endWhileHeld(_ way: Way) throws {
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst")
      connection.send("second")
    }
    let caller = try Caller()
    let owner = Owner()
    owner.onHead = { $0.hold() }
    let transfer = try caller.start(Caller.order(way, upstream.url), owner)
    caller.turn { !owner.heads.isEmpty }
    upstream.stop()
    caller.turnUntilStill(owner)
    owner.onBytes = { _ in }
    transfer.resume()
    transfer.resume()
    caller.turn { owner.outcome != nil }
    #expect(owner.text == "firstsecond" && owner.outcome == .complete)
  }

  enum Phase: CaseIterable { case started, sent, inHead, afterHead, inBody, held }

  @Test(
    "cancelling in any phase closes the upstream's connection, and the owner hears nothing more",
    arguments: Way.allCases, Phase.allCases)
  func cancel(_ way: Way, _ phase: Phase) throws {
    let sightings = Sightings()
    let upstream = try LoopbackUpstream { connection in
      guard connection.request() != nil else { return }
      sightings.append("request")
      switch phase {
      case .started, .sent: break
      case .inHead: connection.send("HTTP/1.1 200 OK\r\nX-A:")
      case .afterHead: connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
      case .inBody, .held: connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome")
      }
      sightings.append(connection.receive() == nil ? "closed" : "more bytes")
    }
    let caller = try Caller()
    weak var trace: Owner?
    do {
      let owner = Owner()
      trace = owner
      if phase == .held { owner.onBytes = { $0.hold() } }
      let transfer = try caller.start(Caller.order(way, upstream.url), owner)
      if phase != .started {
        var wasSeen = false
        let seen = Atomic<Bool>(false)
        let waiter = try Platform.Thread.start(name: "waiter") {
          _ = sightings.next()
          seen.store(true, ordering: .relaxed)
        }
        caller.turn {
          wasSeen = wasSeen || seen.load(ordering: .relaxed)
          switch phase {
          case .started, .sent, .inHead: return wasSeen
          case .afterHead: return wasSeen && !owner.heads.isEmpty
          case .inBody, .held: return wasSeen && !owner.body.isEmpty
          }
        }
        waiter.join()
      }
      transfer.cancel()
      transfer.cancel()
      transfer.resume()
      transfer.hold()
      #expect(caller.transfers.count == 0)
      if phase != .started { #expect(sightings.next() == ["closed"]) }
      caller.turnOnce()
      #expect(owner.outcomes.isEmpty)
    }
    #expect(trace == nil, "a cancelled transfer holds nobody")
    upstream.stop()
  }

  @Test("an owner may cancel from its own calls", arguments: Way.allCases, [0, 1])
  func cancelFromWithin(_ way: Way, _ call: Int) throws {
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome body")
      _ = connection.receive()
    }
    do {
      let caller = try Caller()
      let owner = Owner()
      if call == 0 { owner.onHead = { $0.cancel() } } else { owner.onBytes = { $0.cancel() } }
      _ = try caller.start(Caller.order(way, upstream.url), owner)
      caller.turn { caller.transfers.count == 0 }
      #expect(owner.body.isEmpty == (call == 0) && owner.outcomes.isEmpty)
    }
    upstream.stop()
  }

  @Test("transfers that outlive their set hold nobody and are harmless", arguments: Way.allCases)
  func setGoes(_ way: Way) throws {
    let upstream = try LoopbackUpstream { connection in
      _ = connection.request()
      _ = connection.receive()
    }
    weak var trace: Owner?
    var transfer: Transfer?
    do {
      let caller = try Caller()
      let owner = Owner()
      trace = owner
      transfer = try caller.start(Caller.order(way, upstream.url), owner)
      caller.turnUntilStill(owner)
    }
    #expect(trace == nil)
    transfer?.cancel()
    transfer?.resume()
    upstream.stop()
  }
}
