/// Where requests of one URL go that the daemon's own HTTP/1.1 can carry.
final class DirectAddress {
  let url: String
  let endpoint: DirectEndpoint
  /// What stands in the request line behind the method, with a blank at either end.
  let target: [UInt8]

  init(_ url: DirectURL, _ text: String, _ endpoint: DirectEndpoint) {
    self.url = text
    self.endpoint = endpoint
    self.target = Array(" \(url.target) ".utf8)
  }
}
