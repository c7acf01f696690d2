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

  /// Why nothing came.
  package struct Unavailable: Error { package let why: String }

  package static func reload(over socket: String) -> Answer {
    do throws(Unavailable) {
      let (status, body) = try self.ask(.post, "/admin/reload", over: socket)
      guard status == 200 || status == 422, let report = ReloadReport(body) else {
        return .unavailable("the service answered with status \(status)")
      }
      return .report(report)
    } catch {
      return .unavailable(error.why)
    }
  }

  /// A page, with a client's key where it asks for one.
  package static func page(_ path: String, key: String?, over socket: String) throws(Unavailable) -> [UInt8] {
    let (status, body) = try self.ask(.get, path, key: key, over: socket)
    guard status == 200 else { throw Unavailable(why: "the service answered with status \(status)") }
    return body
  }

  private static func ask(
    _ method: TransferOrder.Method, _ path: String, key: String? = nil, over socket: String
  ) throws(Unavailable) -> (status: Int, body: [UInt8]) {
    TransferSet.prepareProcess()
    guard let loop = try? EventLoop(), let transfers = TransferSet(loop: loop) else {
      throw Unavailable(why: "no event loop could be made")
    }
    var connection = UpstreamConnection()
    connection.socketPath = socket
    connection.proxyURL = ""
    var lines = [Array("expect:".utf8)]
    if let key { lines.append(Array("x-api-key: \(key)".utf8)) }
    let order = TransferOrder(
      method: method, url: "http://admin.invalid\(path)", headerLines: lines, body: [],
      connection: connection)
    return try AdminExchange().run(order, socket, loop, transfers)
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
  ) throws(AdminClient.Unavailable) -> (status: Int, body: [UInt8]) {
    guard let transfer = transfers.start(order, owner: self) else {
      throw AdminClient.Unavailable(why: "no request could be made")
    }
    let end = loop.now + Self.patienceMilliseconds
    while self.outcome == nil, loop.now < end {
      let wait = min(transfers.millisecondsUntilDue(from: loop.now) ?? 1_000, 1_000)
      loop.turn(waitingAtMost: Int32(clamping: wait))
      transfers.timePassed(now: loop.now)
    }
    transfer.cancel()
    switch self.outcome {
    case .complete: return (self.status, self.body)
    case .failed:
      throw AdminClient.Unavailable(why: "nobody serves \(socket); is the service running?")
    case nil: throw AdminClient.Unavailable(why: "the service did not answer in time")
    }
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
