internal import Platform

/// A connection on its way: libcurl finds the address, tries one after the other and keeps the time.
final class Dial: CurlTask, Carrier {
  private let transfer: Transfer
  private let request: DirectRequest
  private unowned let connections: DirectConnections
  private unowned let multi: CurlMulti

  /// Nil when libcurl has no memory left for it.
  init?(
    _ transfer: Transfer, _ request: DirectRequest, _ connections: DirectConnections, _ multi: CurlMulti
  ) {
    guard let easy = EasyHandle() else { return nil }
    self.transfer = transfer
    self.request = request
    self.connections = connections
    self.multi = multi
    super.init(easy)
    easy.prepare(toDial: request.address.url, request.address.endpoint.way, self, multi)
    guard multi.add(self) else { return nil }
    transfer.carrier = self
  }

  override func ended(_ fault: TransferFault?) {
    guard fault == nil, let descriptor = self.multi.takeSocket(of: self) else {
      if fault != nil { self.multi.remove(self) }
      return self.transfer.ended(.failed(fault ?? .unreachable))
    }
    self.connections.connected(StreamSocket(descriptor), self.transfer, self.request)
  }

  func goOn() {}

  func settle() {}

  func leave() {
    self.multi.remove(self)
  }
}
