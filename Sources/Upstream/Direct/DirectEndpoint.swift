/// An upstream's end of connections: whoever wants the same may use the same.
final class DirectEndpoint {
  /// As it stands in the `Host` field.
  let authority: String
  let way: UpstreamConnection
  /// Connections nobody uses, the latest last.
  var idle: [DirectConnection] = []

  init(_ authority: String, _ way: UpstreamConnection) {
    self.authority = authority
    self.way = way
  }
}
