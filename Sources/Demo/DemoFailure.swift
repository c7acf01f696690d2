internal import Wire

/// An error reply before it is spelled in either protocol.
internal struct DemoFailure: Error, Equatable, Sendable {
  let status: Int
  let message: String
  var parameter: String?
  var retryAfter: Int?

  init(_ status: Int, _ message: String, parameter: String? = nil, retryAfter: Int? = nil) {
    self.status = status
    self.message = message
    self.parameter = parameter
    self.retryAfter = retryAfter ?? ([429, 503, 529].contains(status) ? 1 : nil)
  }

  init(missing parameter: String) {
    self.init(400, "\(parameter) is required.", parameter: parameter)
  }

  func reply(to speaker: DemoSpeaker, serial: Int) -> DemoReply {
    var writer = JSONWriter()
    self.write(to: &writer, speaker: speaker, serial: serial)
    var reply = DemoReply(status: self.status, speaker: speaker, serial: serial, json: writer.bytes)
    if let seconds = self.retryAfter { reply.fields.append(name: "retry-after", value: String(seconds)) }
    return reply
  }

  /// The protocol's envelope.
  func write(to writer: inout JSONWriter, speaker: DemoSpeaker, serial: Int) {
    writer.beginObject()
    switch speaker {
    case .messages:
      writer.key("type")
      writer.string("error")
      writer.key("error")
      writer.beginObject()
      writer.key("type")
      writer.string(plain: self.messagesType)
      writer.key("message")
      writer.string(self.parameter.map { "\($0): \(self.message)" } ?? self.message)
      writer.endObject()
      writer.key("request_id")
      writer.string("req_demo_\(serial)")
    case .chat:
      writer.key("error")
      writer.beginObject()
      writer.key("message")
      writer.string(self.message)
      writer.key("type")
      writer.string(plain: self.chatType)
      writer.key("param")
      if let parameter = self.parameter { writer.string(parameter) } else { writer.null() }
      writer.key("code")
      if let code = self.chatCode { writer.string(plain: code) } else { writer.null() }
      writer.endObject()
    }
    writer.endObject()
  }

  private var messagesType: StaticString {
    switch self.status {
    case 401: "authentication_error"
    case 402: "billing_error"
    case 403: "permission_error"
    case 404: "not_found_error"
    case 413: "request_too_large"
    case 429: "rate_limit_error"
    case 504: "timeout_error"
    case 529: "overloaded_error"
    case 500...: "api_error"
    default: "invalid_request_error"
    }
  }

  private var chatType: StaticString {
    switch self.status {
    case 429: "requests"
    case 500...: "server_error"
    default: "invalid_request_error"
    }
  }

  private var chatCode: StaticString? {
    switch self.status {
    case 401: "invalid_api_key"
    case 404: "not_found"
    case 429: "rate_limit_exceeded"
    case 400 where self.message.hasSuffix("is required."): "missing_required_parameter"
    default: nil
    }
  }
}
