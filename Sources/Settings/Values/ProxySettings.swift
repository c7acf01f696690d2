/// What proxies in front of the daemon may tell of their clients.
package struct ProxySettings: Sendable, Equatable {
  /// Whether connections begin with a PROXY header, and of which version.
  package enum PROXYProtocol: String, Sendable, Equatable, CaseIterable {
    case off, v1, v2, auto
  }

  package var header = PROXYProtocol.off
  /// Who may send such a header.
  package var headerFrom = NetworkList.loopback
  /// Whose X-Forwarded-For is believed.
  package var forwardedFrom = NetworkList.loopback
}
