internal import Gateway
internal import Platform
internal import Settings
internal import Wire

/// What proxies in front say of their clients.
extension Connection {
  /// Whether the header is there and the first request may be read.
  func advanceProxyHeader() -> Bool {
    guard let header = self.proxyHeader else { return true }
    switch header.advance(&self.input) {
    case .needsMore:
      if !self.input.isEmpty { self.headBegan() }
      return false
    case .refused(let fault):
      self.refuse(.malformed(fault))
      return false
    case .complete(let address):
      self.proxyHeader = nil
      guard self.peerMayProxy else {
        self.refuse(ErrorReply(status: 403, message: "This proxy may not name its clients here."))
        return false
      }
      if let address, !self.speaksFor(address) {
        self.refuse(ErrorReply(status: 400, message: "The PROXY header is not valid."))
        return false
      }
      return true
    }
  }

  /// Whom the log names.
  func client(of request: IncomingRequest) -> String {
    let trusted = self.worker.snapshot.settings.proxies.forwardedFrom
    return ForwardedClient.host(request.head.fields, peer: self.internetHost, trusting: trusted)
      ?? self.peerHost
  }

  func scheme(of head: RequestHead) -> ForwardedScheme {
    ForwardedScheme(head.fields) {
      ForwardedClient.isTrusted(self.internetHost, self.worker.snapshot.settings.proxies.forwardedFrom)
    }
  }

  /// Nil: a unix socket.
  private var internetHost: String? { self.peer.isInternet ? self.peerHost : nil }
}

extension ProxyHeader {
  static func expected(_ settings: ProxySettings) -> ProxyHeader? {
    switch settings.header {
    case .off: nil
    case .v1: ProxyHeader(.first)
    case .v2: ProxyHeader(.second)
    case .auto: ProxyHeader(.either)
    }
  }
}

extension RequestLimits {
  init(_ limits: Limits) {
    self.init(
      lineBytes: limits.requestLineBytes, fields: limits.requestFields, fieldBytes: limits.requestFieldBytes,
      underscores: Underscores(limits.underscores))
  }
}

extension RequestLimits.Underscores {
  init(_ rule: UnderscoreRule) {
    switch rule {
    case .drop: self = .drop
    case .refuse: self = .refuse
    case .pass: self = .pass
    }
  }
}
