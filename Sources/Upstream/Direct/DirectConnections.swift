internal import Glibc
internal import Platform

/// The plain connections of one thread, and which of them the next request may use.
final class DirectConnections {
  /// What comes back beyond is closed.
  private static let mostIdle = 512
  /// Servers give an idle connection up after a second at the earliest.
  private static let freshMilliseconds: UInt64 = 500
  /// Whoever forgets connections on the way, a firewall say, does so later.
  private static let idleMilliseconds: UInt64 = 118_000
  private static let mostEndpoints = 32

  let loop: EventLoop
  let room: ReadRoom
  private let multi: CurlMulti
  private var endpoints: [DirectEndpoint] = []
  /// How many connections nobody uses.
  private var idle = 0
  /// With a request that has still to be sent.
  private var unsent: [DirectConnection] = []
  /// Most requests go where the last one went.
  private var latest: DirectAddress?

  /// libcurl takes a proxy from these when it is told of none.
  private static let environmentNamesProxy = ["http_proxy", "all_proxy", "ALL_PROXY"].contains {
    (name: String) in unsafe getenv(name) != nil
  }

  init(_ loop: EventLoop, _ room: ReadRoom, _ multi: CurlMulti) {
    self.loop = loop
    self.room = room
    self.multi = multi
  }

  /// Nil: a request for libcurl.
  func address(of order: TransferOrder) -> DirectAddress? {
    if let latest, latest.url == order.url, latest.endpoint.way == order.connection { return latest }
    let isProxied = order.connection.proxyURL.map { !$0.isEmpty } ?? Self.environmentNamesProxy
    guard order.connection.mayBeDirect, !isProxied, let url = DirectURL(order.url) else { return nil }
    let address = DirectAddress(url, order.url, self.endpoint(url.authority, order.connection))
    self.latest = address
    return address
  }

  private func endpoint(_ authority: String, _ way: UpstreamConnection) -> DirectEndpoint {
    for endpoint in self.endpoints where endpoint.authority == authority && endpoint.way == way {
      return endpoint
    }
    if self.endpoints.count >= Self.mostEndpoints { self.close(self.endpoints.removeFirst()) }
    let endpoint = DirectEndpoint(authority, way)
    self.endpoints.append(endpoint)
    return endpoint
  }

  /// False when there is no memory left for it.
  func begin(_ transfer: Transfer, _ request: DirectRequest) -> Bool {
    let endpoint = request.address.endpoint
    self.closeOld(of: endpoint)
    while let connection = endpoint.idle.popLast() {
      self.idle -= 1
      // The loop tells of a peer that speaks or goes, but in the turn in which it has not yet.
      let isFresh = connection.idleSince + Self.freshMilliseconds > self.loop.now
      if isFresh || connection.isSilent {
        connection.begin(transfer, request)
        return true
      }
      connection.close()
    }
    return self.dial(transfer, request)
  }

  private func closeOld(of endpoint: DirectEndpoint) {
    var old = 0
    while old < endpoint.idle.count, endpoint.idle[old].idleSince + Self.idleMilliseconds <= self.loop.now {
      endpoint.idle[old].close()
      old += 1
    }
    if old > 0 { endpoint.idle.removeFirst(old) }
    self.idle -= old
  }

  func dial(_ transfer: Transfer, _ request: DirectRequest) -> Bool {
    Dial(transfer, request, self, self.multi) != nil
  }

  func connected(_ socket: StreamSocket, _ transfer: Transfer, _ request: DirectRequest) {
    DirectConnection(socket, request.address.endpoint, self).begin(transfer, request)
  }

  /// The requests of one turn leave one right after the other: an upstream that is woken by the first finds the others there. Sent
  /// each when it is planned, every one would wake it, which costs more than the sending.
  func sendLater(_ connection: DirectConnection) {
    self.unsent.append(connection)
  }

  var hasUnsent: Bool { !self.unsent.isEmpty }

  func send() {
    while !self.unsent.isEmpty {
      var batch: [DirectConnection] = []
      swap(&batch, &self.unsent)
      for connection in batch { connection.write() }
    }
  }

  /// Keeps it for the next request to its endpoint.
  func keep(_ connection: DirectConnection) {
    let endpoint = connection.endpoint
    self.closeOld(of: endpoint)
    guard self.idle < Self.mostIdle, self.endpoints.contains(where: { $0 === endpoint }) else {
      return connection.close()
    }
    endpoint.idle.append(connection)
    self.idle += 1
  }

  /// Its peer had something to say that nobody asked for: that it goes, as a rule.
  func drop(_ connection: DirectConnection) {
    let endpoint = connection.endpoint
    if let index = endpoint.idle.firstIndex(where: { $0 === connection }) {
      endpoint.idle.remove(at: index)
      self.idle -= 1
    }
    connection.close()
  }

  private func close(_ endpoint: DirectEndpoint) {
    for connection in endpoint.idle { connection.close() }
    self.idle -= endpoint.idle.count
    endpoint.idle = []
  }

  func close() {
    self.unsent = []
    for endpoint in self.endpoints { self.close(endpoint) }
  }
}
