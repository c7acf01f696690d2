/// How the end of a reply's body is made known (RFC 9112 6.3).
package enum ResponseFraming: Equatable, Sendable {
  case length(Int)
  case chunked
  /// By the end of the connection: a reply of unknown length to HTTP/1.0.
  case untilClose
  /// There is no body, nor a word about one: 1xx, 204, 304.
  case none

  /// For a body whose length is not known when it begins.
  package static func streamed(toMinorVersion minorVersion: Int) -> ResponseFraming {
    minorVersion == 0 ? .untilClose : .chunked
  }
}

/// Writes replies of HTTP/1.1 into a queue.
package enum ResponseWriter {
  /// Writes status line and fields.
  ///
  /// Framing and connection are written from the arguments alone: such fields among `fields`, and those an upstream
  /// declared to be of its own hop (RFC 9110 7.6.1), are left out. `date` is used if `fields` has none, see
  /// `HTTPDate`. What `passes` holds of the fields of another message, of `relayed`, comes first.
  package static func head(
    status: Int, relaying relayed: HeaderFields? = nil, where passes: (Span<UInt8>) -> Bool = { _ in true },
    fields: HeaderFields, framing: ResponseFraming, date: String, keepsAlive: Bool,
    to output: inout ByteQueue
  ) {
    output.squeeze()
    var head = HeadWriter()
    swap(&head.bytes, &output.storage)
    defer { swap(&head.bytes, &output.storage) }
    // RFC 9112 4: three digits. Anything else is no status and must not reach the client as one.
    let status = (100...999).contains(status) ? status : 500
    head.begin(status)
    if let relayed { head.append(relayed, where: passes) }
    head.append(fields) { _ in true }
    head.end(
      date: date,
      // RFC 9112 6.1 and RFC 9110 8.6: never with these statuses.
      framing: status >= 200 && status != 204 ? framing : .none,
      closes: !keepsAlive || framing == .untilClose)
  }

  /// Writes one chunk; an empty one is not written, as it would end the body.
  package static func chunk(_ bytes: Span<UInt8>, to output: inout ByteQueue) {
    if bytes.isEmpty { return }
    output.append(hexadecimal: UInt(bitPattern: bytes.count))
    output.append("\r\n")
    output.append(bytes)
    output.append("\r\n")
  }

  package static func lastChunk(to output: inout ByteQueue) {
    output.append("0\r\n\r\n")
  }

  package static func continue100(to output: inout ByteQueue) {
    output.append("HTTP/1.1 100 Continue\r\n\r\n")
  }

  package static func reason(_ status: Int) -> StaticString {
    switch status {
    case 100: "Continue"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 402: "Payment Required"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 424: "Failed Dependency"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 529: "Overloaded"
    default: ""
    }
  }
}

/// One head while it is written.
private struct HeadWriter {
  var bytes: [UInt8] = []
  private var hasDate = false
  private var hasServer = false

  mutating func begin(_ status: Int) {
    let reason = ResponseWriter.reason(status)
    self.bytes.append(addingCapacity: 40 + reason.utf8CodeUnitCount) { line in
      line.append(copying: "HTTP/1.1 ")
      line.append(decimal: status)
      line.append(HTTPBytes.space)
      line.append(copying: reason)
      line.append(copying: "\r\n")
    }
  }

  mutating func append(_ fields: HeaderFields, where passes: (Span<UInt8>) -> Bool) {
    let declaresHops = fields.contains("connection")
    for index in fields.indices {
      let name = fields.name(at: index)
      guard passes(name) else { continue }
      self.note(name)
      if Self.isOfOneHop(name) || declaresHops && fields.isDeclaredOfOneHop(name) { continue }
      if let line = fields.line(at: index) {
        self.bytes.append(copying: line)
        continue
      }
      self.bytes.append(copying: name)
      self.bytes.append(copying: ": ")
      self.bytes.append(copying: fields.value(at: index))
      self.bytes.append(copying: "\r\n")
    }
  }

  mutating func end(date: String, framing: ResponseFraming, closes: Bool) {
    let date = date.utf8Span.span
    let (needsDate, needsServer) = (!self.hasDate, !self.hasServer)
    // The fixed texts are 90 bytes at most.
    self.bytes.append(addingCapacity: date.count + 128) { lines in
      if needsDate {
        lines.append(copying: "date: ")
        lines.append(copying: date)
        lines.append(copying: "\r\n")
      }
      if needsServer { lines.append(copying: "server: claude-proxy\r\n") }
      switch framing {
      case .length(let length):
        lines.append(copying: "content-length: ")
        lines.append(decimal: length)
        lines.append(copying: "\r\n")
      case .chunked:
        lines.append(copying: "transfer-encoding: chunked\r\n")
      case .untilClose, .none:
        break
      }
      lines.append(copying: closes ? "connection: close\r\n\r\n" : "connection: keep-alive\r\n\r\n")
    }
  }

  private mutating func note(_ name: Span<UInt8>) {
    switch name.count {
    case 4: self.hasDate = self.hasDate || HTTPBytes.equal(name, "date")
    case 6: self.hasServer = self.hasServer || HTTPBytes.equal(name, "server")
    default: break
    }
  }

  private static func isOfOneHop(_ name: Span<UInt8>) -> Bool {
    // By length first: most names match none.
    switch name.count {
    case 2: return HTTPBytes.equal(name, "te")
    case 7: return HTTPBytes.equal(name, "upgrade") || HTTPBytes.equal(name, "trailer")
    case 10: return HTTPBytes.equal(name, "connection") || HTTPBytes.equal(name, "keep-alive")
    case 14: return HTTPBytes.equal(name, "content-length")
    case 16: return HTTPBytes.equal(name, "proxy-connection")
    case 17: return HTTPBytes.equal(name, "transfer-encoding")
    default: return false
    }
  }
}
