import Platform
import Testing
import Upstream
import Wire

/// Who speaks HTTP with the upstream; either has to do it the same way.
enum Way: String, CaseIterable, Codable {
  case direct
  case libcurl
}

/// A thread's world with nothing in it but transfers.
final class Caller {
  let loop: EventLoop
  private(set) var transfers: TransferSet

  init() throws {
    // Nothing of the environment's proxies may come between.
    TransferSet.prepareProcess()
    self.loop = try EventLoop()
    self.transfers = try #require(TransferSet(loop: self.loop))
  }

  static func order(
    _ way: Way, _ url: String, method: TransferOrder.Method = .post, _ fields: [String] = [],
    body: [UInt8] = [],
    connectMilliseconds: Int = 10_000, abstractSocket: String? = nil
  ) -> TransferOrder {
    var connection = UpstreamConnection()
    connection.proxyURL = ""
    connection.mayBeDirect = way == .direct
    connection.connectMilliseconds = connectMilliseconds
    connection.abstractSocket = abstractSocket
    return TransferOrder(
      method: method, url: url, headerLines: (["expect:"] + fields).map { Array($0.utf8) }, body: body,
      connection: connection)
  }

  func start(_ order: TransferOrder, _ owner: Owner) throws -> Transfer {
    try #require(self.transfers.start(order, owner: owner))
  }

  /// Starts and waits for the end.
  func call(_ order: TransferOrder) throws -> Owner {
    let owner = Owner()
    _ = try self.start(order, owner)
    self.turn { owner.outcome != nil }
    return owner
  }

  /// Turns the loop until that is so, at most for twenty seconds.
  func turn(_ location: SourceLocation = #_sourceLocation, until isDone: () -> Bool) {
    let end = self.loop.now + 20_000
    while !isDone() {
      guard self.loop.now < end else {
        Issue.record("it did not come to that in time", sourceLocation: location)
        return
      }
      self.turnOnce()
    }
  }

  func turnOnce(waitingAtMost most: UInt64 = 50) {
    let wait = min(self.transfers.millisecondsUntilDue(from: self.loop.now) ?? most, most)
    self.loop.turn(waitingAtMost: Int32(wait))
    self.transfers.timePassed(now: self.loop.now)
  }

  /// Turns until several turns in a row have brought nothing.
  func turnUntilStill(_ owner: Owner) {
    var still = 0
    while still < 10 {
      let before = owner.body.count
      self.turnOnce(waitingAtMost: 20)
      still = owner.body.count == before ? still + 1 : 0
    }
  }
}

/// Writes down what a transfer tells.
final class Owner: TransferOwner {
  private(set) var heads: [ResponseHead] = []
  private(set) var body: [UInt8] = []
  private(set) var outcomes: [TransferOutcome] = []
  var onHead: (Transfer) -> Void = { _ in }
  var onBytes: (Transfer) -> Void = { _ in }
  var onEnd: (TransferOutcome) -> Void = { _ in }

  var outcome: TransferOutcome? { self.outcomes.last }
  var status: Int? { self.heads.last?.status }
  var text: String { String(decoding: self.body, as: UTF8.self) }

  func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead) {
    #expect(self.heads.isEmpty && self.body.isEmpty && self.outcomes.isEmpty)
    self.heads.append(head)
    self.onHead(transfer)
  }

  func transferBytesArrived(_ transfer: Transfer, _ bytes: Span<UInt8>) {
    #expect(!self.heads.isEmpty && self.outcomes.isEmpty && !bytes.isEmpty)
    self.body.append(copying: bytes)
    self.onBytes(transfer)
  }

  func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome) {
    #expect(self.outcomes.isEmpty)
    self.outcomes.append(outcome)
    self.onEnd(outcome)
  }
}
