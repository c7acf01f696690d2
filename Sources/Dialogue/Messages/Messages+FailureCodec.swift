import Wire

extension Messages {
  /// Reads and writes errors in the protocol's envelope.
  enum FailureCodec {
    static func read(status: Int, body: JSONValue) -> Failure {
      let error = body["error"]
      let type = error?["type"]?.string ?? ""
      var message = error?["message"]?.string ?? ""
      if message.isEmpty { message = "Upstream returned HTTP \(status)" }
      var failure = Failure(self.kind(status, type, message), message)
      let code = error?["details"]?["error_code"]?.string ?? ""
      if code.hasSuffix("spend_limit_reached") { failure.kind = .exhausted }
      if failure.kind == .contextLength { failure.param = "messages" }
      failure.original = Failure.Original(status: status, type: type)
      return failure
    }

    private static func kind(_ status: Int, _ type: String, _ message: String) -> Failure.Kind {
      let words = message.lowercased()
      switch type {
      case "invalid_request_error":
        return words.contains("prompt is too long") || words.contains("exceed context limit")
          ? .contextLength : .invalidRequest
      case "authentication_error": return .authentication
      case "billing_error": return .exhausted
      case "permission_error": return .permission
      case "not_found_error": return words.contains("model") ? .modelNotFound : .notFound
      case "conflict_error": return .conflict
      case "request_too_large": return .tooLarge
      case "rate_limit_error": return .rateLimited
      case "timeout_error": return .timeout
      case "overloaded_error": return .overloaded
      case "api_error": return .server
      default: return Failure.Kind(status: status)
      }
    }

    private static func words(_ kind: Failure.Kind) -> (status: Int, type: StaticString) {
      switch kind {
      case .invalidRequest, .contextLength, .filtered, .unfinished: (400, "invalid_request_error")
      case .authentication: (401, "authentication_error")
      case .exhausted: (402, "billing_error")
      case .permission: (403, "permission_error")
      case .notFound, .modelNotFound: (404, "not_found_error")
      case .conflict: (409, "conflict_error")
      case .tooLarge: (413, "request_too_large")
      case .rateLimited: (429, "rate_limit_error")
      case .server: (500, "api_error")
      case .timeout: (504, "timeout_error")
      case .overloaded: (529, "overloaded_error")
      }
    }

    static func status(_ failure: Failure) -> Int { failure.status ?? self.words(failure.kind).status }

    /// The wording agents look for before they shorten their history.
    private static func claudeWords(_ message: String) -> String {
      if message.contains("prompt is too long") { return message }
      guard let limit = TokenLimit(message) else { return "prompt is too long: \(message)" }
      return "prompt is too long: \(limit.used) tokens > \(limit.most) maximum"
    }

    /// The envelope has no place for a path: what the daemon refuses names it in the message.
    private static func message(_ failure: Failure) -> String {
      if failure.kind == .contextLength { return self.claudeWords(failure.message) }
      guard failure.original == nil, let path = failure.param, !failure.message.contains("`\(path)`") else {
        return failure.message
      }
      return "\(path): \(failure.message)"
    }

    static func write(_ failure: Failure, requestID: String, to writer: inout JSONWriter) {
      writer.beginObject()
      writer.key("type")
      writer.string("error")
      writer.key("error")
      writer.beginObject()
      writer.key("type")
      writer.string(plain: self.words(failure.kind).type)
      writer.key("message")
      writer.string(self.message(failure))
      writer.endObject()
      writer.key("request_id")
      writer.string(requestID)
      writer.endObject()
    }
  }
}

extension Failure.Kind {
  /// What a status says when nothing else does.
  init(status: Int) {
    switch status {
    case 401: self = .authentication
    case 402: self = .exhausted
    case 403: self = .permission
    case 404: self = .notFound
    case 408, 504, 524: self = .timeout
    case 409: self = .conflict
    case 413: self = .tooLarge
    case 429: self = .rateLimited
    case 498, 503, 529: self = .overloaded
    case 400..<500 where status != 424: self = .invalidRequest
    default: self = .server
    }
  }
}
