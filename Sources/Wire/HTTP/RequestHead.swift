/// How the end of a message's body is known (RFC 9112 6).
package enum BodyFraming: Equatable, Sendable {
  case none
  case length(Int)
  case chunked
}

/// A request without its body, checked so far that nothing in it can be read in two ways.
package struct RequestHead: Equatable, Sendable {
  package var method: String
  /// The request target as it came.
  package var target: String
  /// What stands before `?`, not decoded; of an absolute target without scheme and authority. Routing and
  /// authorisation look at this and nothing else. `*` for `OPTIONS *`.
  package var path: String
  /// What stands after the first `?`, not decoded.
  package var query: String?
  /// Scheme-less authority of an absolute target; nil for every other one.
  ///
  /// RFC 9112 3.2.2: it counts instead of the Host field, which then is ignored (but must be there once).
  package var targetAuthority: String?
  /// 0 or 1, of HTTP/1.
  package var minorVersion: Int
  package var fields: HeaderFields
  package var framing: BodyFraming
  /// Whether the client can take another reply on this connection (RFC 9112 9.3).
  package var keepsAlive: Bool
  /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
  package var expectsContinue: Bool

  /// Whom the client believes to be talking to.
  package var authority: String? { self.targetAuthority ?? self.fields.value(of: "host") }
}
