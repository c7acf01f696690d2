internal import CCurl

/// How a transfer ended.
package enum TransferOutcome: Equatable {
  /// The upstream's answer arrived whole, by its own framing.
  case complete
  case failed(TransferFault)
}

/// Why no whole answer came. Says nothing that names a host or a path, so it may be shown to a client.
package enum TransferFault: String, Equatable, Sendable {
  case unresolved = "the upstream's name could not be resolved"
  case unreachable = "the upstream refused the connection or could not be reached"
  case connectTimeout = "the connection to the upstream took too long"
  case untrusted = "the upstream's TLS certificate or handshake was not acceptable"
  case truncated = "the upstream's answer ended before it was complete"
  case reset = "the connection to the upstream broke"
  case unintelligible = "the upstream's answer was no valid HTTP"
  case refused = "the request could not be sent"

  /// Whether nothing of the request can have reached the upstream.
  package var happenedBeforeSending: Bool {
    switch self {
    case .unresolved, .unreachable, .connectTimeout, .untrusted: true
    case .truncated, .reset, .unintelligible, .refused: false
    }
  }

  init?(_ code: CURLcode) {
    switch code {
    case CURLE_OK: return nil
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .unresolved
    case CURLE_COULDNT_CONNECT: self = .unreachable
    case CURLE_OPERATION_TIMEDOUT: self = .connectTimeout
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
      self = .untrusted
    case CURLE_PARTIAL_FILE: self = .truncated
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2, CURLE_HTTP2_STREAM: self = .reset
    // The last three: a head too long for us, a line of it too long for libcurl, one that continues nothing.
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING,
      CURLE_HTTP_RETURNED_ERROR, CURLE_WRITE_ERROR, CURLE_OUT_OF_MEMORY, CURLE_BAD_FUNCTION_ARGUMENT:
      self = .unintelligible
    default: self = .refused
    }
  }
}
