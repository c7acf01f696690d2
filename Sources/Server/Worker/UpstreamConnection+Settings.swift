internal import Settings
internal import Upstream

extension UpstreamConnection {
  /// How the operator wants upstreams to be reached.
  init(_ settings: UpstreamSettings) {
    self.init()
    self.authorityFile = settings.caFile
    self.speaksHTTP2 = settings.usesHTTP2
    switch settings.proxy {
    case .environment: break
    case .direct: self.proxyURL = ""
    case .through(let url): self.proxyURL = url.description
    }
  }
}
