/// Bounds on what a client may send.
package struct Limits: Sendable, Equatable {
  package static let longestRequestLine = 8190
  package static let unlimitedRequestLine = 65_536
  package static let mostRequestFields = 32_768
  package static let defaultFieldSize = 8190

  /// Bytes without CRLF. Never 0.
  package var requestLineBytes = 4094
  package var requestFields = 100
  /// Name, value and CRLF of one header field. Never 0.
  package var requestFieldBytes = Self.defaultFieldSize
  package var underscores = UnderscoreRule.drop
  /// Decoded bytes of a request's body.
  package var bodyBytes = 33_554_432
  /// From the connection, or from the first byte of a request on a kept one, to the end of the request's head.
  package var clientHeadSeconds = 30
  /// Between two reads of a request's body.
  package var clientBodySeconds = 30
  /// Of a Messages request; nil = any number.
  package var messages: Int?
  /// All contents of a Messages request's turns together.
  package var contentBytes: Int?
  package var systemBytes: Int?
}

/// What becomes of header fields with `_` in their name: gunicorn's `header_map`.
package enum UnderscoreRule: String, Sendable, Equatable, CaseIterable {
  case drop, refuse
  case pass = "dangerous"
}

/// How long the daemon waits for an upstream.
package struct Waits: Sendable, Equatable {
  package static let connectSeconds = 10

  /// From the request to the first byte of the answer.
  package var firstByteSeconds = 600
  /// Between two reads of an answer that has begun.
  package var streamIdleSeconds = 300
}

/// What becomes of an upstream that fails.
package struct Resilience: Sendable, Equatable {
  /// Beside the first attempt.
  package var retries = 2
  package var hasBreaker = true
}
