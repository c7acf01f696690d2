internal import Platform
internal import Upstream
internal import Wire

/// Asks a running daemon for something over its admin socket.
package enum AdminClient {
  package static let defaultSocket = "/run/claude-proxy-admin/admin.sock"

  package enum Answer: Sendable {
    case report(ReloadReport)
    case unavailable(String)
  }

  package static func reload(over socket: String) -> Answer {
    TransferSet.prepareProcess()
    guard let loop = try? EventLoop(), let transfers = TransferSet(loop: loop) else {
      return .unavailable("no event loop could be made")
    }
    var connection = UpstreamConnection()
    connection.socketPath = socket
    connection.proxyURL = ""
    let order = TransferOrder(
      method: .post, url: "http://admin.invalid/admin/reload", headerLines: [Array("expect:".utf8)], body: [],
      connection: connection)
    return AdminExchange().run(order, socket, loop, transfers)
  }
}

/// One request to the daemon and its answer.
private final class AdminExchange: TransferOwner {
  private static let patienceMilliseconds: UInt64 = 30_000

  private var status = 0
  private var body: [UInt8] = []
  private var outcome: TransferOutcome?

  func run(
    _ order: TransferOrder, _ socket: String, _ loop: EventLoop, _ transfers: TransferSet
  ) -> AdminClient.Answer {
    guard let transfer = transfers.start(order, owner: self) else {
      return .unavailable("no request could be made")
    }
    let end = loop.now + Self.patienceMilliseconds
    while self.outcome == nil, loop.now < end {
      let wait = min(transfers.millisecondsUntilDue(from: loop.now) ?? 1_000, 1_000)
      loop.turn(waitingAtMost: Int32(clamping: wait))
      transfers.timePassed(now: loop.now)
    }
    transfer.cancel()
    switch self.outcome {
    case .complete: return self.answer()
    case .failed: return .unavailable("nobody serves \(socket); is the service running?")
    case nil: return .unavailable("the service did not answer in time")
    }
  }

  private func answer() -> AdminClient.Answer {
    guard self.status == 200 || self.status == 422, let report = ReloadReport(self.body) else {
      return .unavailable("the service answered with status \(self.status)")
    }
    return .report(report)
  }

  // MARK: - TransferOwner

  func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead) {
    self.status = head.status
  }

  func transferBytesArrived(_ transfer: Transfer, _ bytes: Span<UInt8>) {
    self.body.append(copying: bytes)
  }

  func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome) {
    self.outcome = outcome
  }
}
