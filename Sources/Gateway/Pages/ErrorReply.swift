package import Dialogue
package import Wire

/// An error this daemon answers with, in either protocol's own envelope.
///
/// Its message never holds a host name, a path of this machine or anything a client sent.
package struct ErrorReply: Error, Sendable, Equatable {
  package let status: Int
  package let message: String
  /// OpenAI's `code`.
  package let code: String?
  /// Whether the code is a word that Anthropic's clients knew before: then it is the head of their message too.
  package let leadsMessage: Bool
  /// OpenAI's `param`: the JSON path at fault.
  package let param: String?
  /// The `Allow` field of a 405.
  package let allowed: String?
  /// When it pays to come again, if that is known.
  package let retryAfterSeconds: Int?

  package init(
    status: Int, message: String, code: String? = nil, leadsMessage: Bool = false, param: String? = nil,
    allowed: String? = nil, retryAfterSeconds: Int? = nil
  ) {
    self.status = status
    self.message = message
    self.code = code
    self.leadsMessage = leadsMessage
    self.param = param
    self.allowed = allowed
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// What the translation does not take.
  package init(_ refusal: Refusal) {
    self.init(status: refusal.status, message: refusal.message, code: refusal.code, param: refusal.param)
  }

  /// The reply's body, or an event's data.
  package func body(for client: ClientProtocol, requestName: String) -> [UInt8] {
    var json = JSONWriter()
    switch client {
    case .anthropic: self.writeAnthropic(to: &json, requestName: requestName)
    case .openAI: self.writeOpenAI(to: &json)
    }
    return json.takeBytes()
  }

  /// A frame that tells a client in mid-stream that nothing more will come.
  package func frame(for client: ClientProtocol, requestName: String) -> [UInt8] {
    var frame: [UInt8] = client == .anthropic ? Array("event: error\ndata: ".utf8) : Array("data: ".utf8)
    frame += self.body(for: client, requestName: requestName)
    frame += [0x0A, 0x0A]
    return frame
  }

  private func writeAnthropic(to json: inout JSONWriter, requestName: String) {
    json.beginObject()
    json.member("type", "error")
    json.key("error")
    json.beginObject()
    json.member("type", self.anthropicType)
    json.member("message", self.anthropicMessage)
    json.endObject()
    json.member("request_id", requestName)
    json.endObject()
  }

  private func writeOpenAI(to json: inout JSONWriter) {
    json.beginObject()
    json.key("error")
    json.beginObject()
    json.member("message", self.message)
    json.member("type", self.openAIType)
    json.member("param", self.param)
    json.member("code", self.code ?? self.usualOpenAICode)
    json.endObject()
    json.endObject()
  }

  /// This protocol has no place of its own for the code and the path.
  private var anthropicMessage: String {
    if self.leadsMessage { return "\(self.code ?? ""): \(self.message)" }
    guard let param = self.param, !param.isEmpty, !self.message.contains(param) else { return self.message }
    return "\(param): \(self.message)"
  }

  private var anthropicType: String {
    switch self.status {
    case 401: "authentication_error"
    case 403: "permission_error"
    case 404, 405: "not_found_error"
    case 413: "request_too_large"
    case 429: "rate_limit_error"
    case 400..<500: "invalid_request_error"
    case 503: "overloaded_error"
    case 504: "timeout_error"
    default: "api_error"
    }
  }

  private var openAIType: String {
    switch self.status {
    case 403: "permission_error"
    case 429: "rate_limit_error"
    case 400..<500: "invalid_request_error"
    default: "server_error"
    }
  }

  private var usualOpenAICode: String? {
    switch self.status {
    case 401: "invalid_api_key"
    case 413: "request_too_large"
    case 504: "timeout"
    default: nil
    }
  }
}

extension ErrorReply {
  package static let notFound = ErrorReply(
    status: 404, message: "There is nothing at this path.", code: "not_found")

  package static func wrongMethod(allowed: String) -> ErrorReply {
    ErrorReply(
      status: 405, message: "This path takes \(allowed).", code: "method_not_allowed", allowed: allowed)
  }

  package static let notJSON = ErrorReply(
    status: 415, message: "The body must be JSON, and its `Content-Type` application/json.",
    code: "unsupported_media_type")

  package static func malformed(_ fault: RequestFault) -> ErrorReply {
    ErrorReply(status: fault.status, message: fault.reason)
  }

  package static func unconfigured(_ file: String) -> ErrorReply {
    ErrorReply(
      status: 503, message: "No upstream is configured yet: set one in \(file) and reload the service.",
      code: "unconfigured")
  }

  package static let disagreeingSchemes = ErrorReply(
    status: 400, message: "The fields in which proxies tell the scheme of a request contradict each other.")

  package static let badConfiguration = ErrorReply(
    status: 503,
    message:
      "The service's configuration is not usable; `journalctl -u claude-proxy` says which line and why.",
    code: "bad_configuration")

  package static let draining = ErrorReply(
    status: 503, message: "The service is shutting down; please try again.", code: "draining")

  package static func breakerOpen(afterSeconds: Int?) -> ErrorReply {
    ErrorReply(
      status: 503, message: "The upstream has failed several times in a row; requests to it are held back.",
      code: "backend_unavailable_circuit_open", leadsMessage: true, retryAfterSeconds: afterSeconds)
  }

  package static let firstByteTimeout = ErrorReply(
    status: 504, message: "The upstream did not begin to answer in time.", code: "upstream_timeout")

  package static let idleTimeout = ErrorReply(
    status: 504, message: "The upstream stopped in the middle of its answer.", code: "upstream_timeout")

  package static let tookTooLong = ErrorReply(
    status: 504, message: "The request took longer than this service lets one take.", code: "worker_timeout")

  package static let cutShort = ErrorReply(
    status: 503, message: "The service had to end this reply before it was complete.", code: "draining")

  package static let redirected = ErrorReply(
    status: 502, message: "The upstream answered with a redirect, which is not followed.",
    code: "upstream_redirect")

  package static func unreachable(_ why: String) -> ErrorReply {
    ErrorReply(
      status: 502, message: "No usable answer: \(why).", code: "backend_unavailable", leadsMessage: true)
  }

  /// The daemon ends the request, whatever its upstream does.
  package var isOfDaemon: Bool { self == .cutShort || self == .tookTooLong }

  /// The upstream stopped in the middle of what it said.
  package var isOfUpstream: Bool { self.code == "upstream_truncated" || self == .idleTimeout }

  package static func truncated(_ why: String) -> ErrorReply {
    ErrorReply(status: 502, message: "The reply is incomplete: \(why).", code: "upstream_truncated")
  }
}
