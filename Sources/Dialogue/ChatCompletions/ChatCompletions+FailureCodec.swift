import Wire

extension ChatCompletions {
  /// Reads the many shapes of errors compatible servers send (matrix E-shapes) and writes the genuine one.
  enum FailureCodec {
    static func read(status: Int, body: JSONValue) -> Failure {
      var body = body
      if body.kind == .array, let first = body.elements.first(where: { _ in true }) { body = first }
      if let error = body.present("error") {
        return self.failure(error.kind == .object ? error : body, text: error.string, status: status)
      }
      if let detail = body.present("detail") {
        return self.failure(body, text: self.detail(detail), status: status)
      }
      return self.failure(body, text: nil, status: status)
    }

    /// The message, in whichever shape.
    private static func message(in body: JSONValue) -> String? {
      var body = body
      if body.kind == .array, let first = body.elements.first(where: { _ in true }) { body = first }
      let error = body.present("error")
      return error?.string ?? error?["message"]?.string ?? body.present("detail").flatMap(self.detail)
        ?? body["message"]?.string
    }

    private static func failure(_ error: JSONValue, text: String?, status: Int) -> Failure {
      var message = text ?? error["message"]?.string ?? ""
      if message.isEmpty { message = "Upstream returned HTTP \(status)" }
      if let raw = error["metadata"]?["raw"]?.string, let inner = try? JSONDocument(raw),
        let unpacked = self.message(in: inner.root)
      {
        message = unpacked
      }
      let code = error["code"].flatMap { $0.string ?? $0.integer.map(String.init) }
      let type = error["type"]?.string
      // A 200 that carries an error has its status in the code, if anywhere (matrix E-200).
      let real =
        status >= 400
        ? status : code.flatMap { Int($0) }.flatMap { (400...599).contains($0) ? $0 : nil } ?? 500
      var failure = Failure(
        self.kind(real, type: type ?? "", code: code ?? "", message, error), message, code: code)
      failure.param = error["param"]?.string
      failure.original = Failure.Original(status: real, type: type)
      return failure
    }

    private static func detail(_ detail: JSONValue) -> String? {
      if let text = detail.string ?? detail["message"]?.string ?? detail["error"]?.string { return text }
      let lines = detail.elements.map { entry -> String in
        let place = (entry["loc"]?.elements.map { $0.string ?? $0.rawText } ?? []).joined(separator: ".")
        return "\(place): \(entry["msg"]?.string ?? "")"
      }
      return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }

    private static func kind(
      _ status: Int, type: String, code: String, _ message: String, _ error: JSONValue
    ) -> Failure.Kind {
      let words = message.lowercased()
      switch code {
      case "context_length_exceeded": return .contextLength
      case "insufficient_quota", "credit_balance_exhausted", "organization_usage_limit_exceeded":
        return .exhausted
      case "slow_down", "overloaded", "overloaded_error", "insufficient_system_resource": return .overloaded
      case "rate_limit_exceeded" where status == 500: return .rateLimited
      case "invalid_api_key" where status == 401 || status == 500: return .authentication
      case "model_not_found" where status == 404 || status == 500: return .modelNotFound
      case "content_filter" where [400, 500].contains(status) && error.present("innererror") != nil:
        return .filtered
      default: break
      }
      if type == "insufficient_quota" || code.hasSuffix("_spend_limit_exceeded") { return .exhausted }
      if status == 400, words.contains("could not finish") { return .unfinished }
      if status == 400, TokenLimit.isExceeded(words) { return .contextLength }
      return Failure.Kind(status: status)
    }

    private struct Words {
      let status: Int
      let type: String
      let code: String?
    }

    private static func words(_ failure: Failure) -> Words {
      let invalid = "invalid_request_error"
      if let original = failure.original, failure.isOfChat {
        return Words(
          status: original.status, type: original.type ?? self.type(original.status), code: failure.code)
      }
      switch failure.kind {
      case .invalidRequest, .filtered, .unfinished:
        return Words(status: 400, type: invalid, code: failure.code)
      case .contextLength: return Words(status: 400, type: invalid, code: "context_length_exceeded")
      case .authentication: return Words(status: 401, type: invalid, code: "invalid_api_key")
      case .permission: return Words(status: 403, type: "permission_error", code: nil)
      case .notFound: return Words(status: 404, type: invalid, code: failure.code)
      case .modelNotFound: return Words(status: 404, type: invalid, code: "model_not_found")
      case .conflict: return Words(status: 409, type: invalid, code: nil)
      case .tooLarge: return Words(status: 413, type: invalid, code: "request_too_large")
      case .rateLimited: return Words(status: 429, type: "rate_limit_error", code: "rate_limit_exceeded")
      case .exhausted: return Words(status: 429, type: "insufficient_quota", code: "insufficient_quota")
      case .server: return Words(status: 500, type: "server_error", code: failure.code)
      case .timeout: return Words(status: 504, type: "server_error", code: "timeout")
      case .overloaded: return Words(status: 503, type: "server_error", code: "overloaded_error")
      }
    }

    private static func type(_ status: Int) -> String {
      status == 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error"
    }

    static func status(_ failure: Failure) -> Int { failure.status ?? self.words(failure).status }

    static func write(_ failure: Failure, to writer: inout JSONWriter) {
      let words = self.words(failure)
      writer.beginObject()
      writer.key("error")
      writer.beginObject()
      writer.key("message")
      writer.string(failure.message)
      writer.key("type")
      writer.string(words.type)
      self.writeOptional("param", failure.param, to: &writer)
      self.writeOptional("code", words.code, to: &writer)
      writer.endObject()
      writer.endObject()
    }

    private static func writeOptional(_ name: StaticString, _ text: String?, to writer: inout JSONWriter) {
      writer.key(name)
      if let text { writer.string(text) } else { writer.null() }
    }
  }
}
