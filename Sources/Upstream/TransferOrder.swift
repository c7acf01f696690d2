/// How connections to one upstream are made; the same for all its requests.
package struct UpstreamConnection: Sendable, Equatable {
  /// A unix socket in the abstract namespace that stands in for the host of the URL.
  package var abstractSocket: String?
  /// The same by the path of its file.
  package var socketPath: String?
  /// A file with certificate authorities that are trusted beside the system's.
  package var authorityFile: String?
  /// nil: what the environment says; empty: none.
  package var proxyURL: String?
  package var speaksHTTP2 = false
  package var connectMilliseconds = 10_000
  /// Whether plain HTTP without a proxy may go over connections of the daemon's own; libcurl's HTTP costs as much as all
  /// the rest of a request.
  package var mayBeDirect = true

  package init() {}
}

/// One request to an upstream.
package struct TransferOrder {
  package enum Method: Sendable {
    case get
    case post
  }

  package let method: Method
  package let url: String
  /// Whole lines, `Name: value`.
  package let headerLines: [[UInt8]]
  package let body: [UInt8]
  package let connection: UpstreamConnection

  package init(
    method: Method, url: String, headerLines: [[UInt8]], body: [UInt8], connection: UpstreamConnection
  ) {
    self.method = method
    self.url = url
    self.headerLines = headerLines
    self.body = body
    self.connection = connection
  }

  /// A small body goes out with the head in one packet, from a copy; a large one is never copied whole.
  var isCopied: Bool { self.body.count <= 64 * 1024 }
}
