internal import Gateway
internal import Platform

/// One request's line in the log. Holds no key, no prompt and nothing of a path that is not ours.
struct AccessRecord {
  let requestName: String
  let route: String
  let status: Int
  let peer: SocketAddress
  let startedMicroseconds: UInt64?
  let code: String?
  var upstream: UpstreamName?
  var requestBytes = 0
  var replyBytes = 0
  var firstByteMicroseconds: UInt64?

  init(_ request: IncomingRequest, _ peer: SocketAddress, status: Int, error: ErrorReply?) {
    self.requestName = request.reply.requestName
    self.route = request.routeWord
    self.status = status
    self.peer = peer
    self.startedMicroseconds = request.startedMicroseconds
    self.code = error.map { $0.code ?? "refused" }
  }

  /// What was no request.
  init(_ requestName: String, _ peer: SocketAddress, error: ErrorReply) {
    self.requestName = requestName
    self.route = "none"
    self.status = error.status
    self.peer = peer
    self.startedMicroseconds = nil
    self.code = error.code ?? "malformed"
  }
}

extension Worker {
  func logAccess(_ record: AccessRecord) {
    let now = Clock.monotonicNanoseconds() / 1_000
    let duration = record.startedMicroseconds.map { Int(clamping: now - min(now, $0)) } ?? 0
    self.log.info(
      "\(record.route) \(record.status)", id: .request, record.fields(durationMicroseconds: duration))
  }
}

extension AccessRecord {
  fileprivate func fields(durationMicroseconds: Int) -> LogFields {
    var fields: LogFields = [
      "REQUEST_ID": .text(self.requestName),
      "ROUTE": .text(self.route),
      "STATUS": .integer(self.status),
      "CLIENT": .text(self.peer.host),
      "DURATION_USEC": .integer(durationMicroseconds),
      "REPLY_BYTES": .integer(self.replyBytes),
    ]
    if let upstream = self.upstream {
      fields.append("UPSTREAM", .text(upstream.rawValue))
      fields.append("REQUEST_BYTES", .integer(self.requestBytes))
    }
    if let first = self.firstByteMicroseconds, let started = self.startedMicroseconds {
      fields.append("FIRST_BYTE_USEC", .integer(Int(clamping: first - min(first, started))))
    }
    if self.status == 499 { fields.append("ERROR_CODE", "client_gone") }
    if let code = self.code { fields.append("ERROR_CODE", .text(code)) }
    return fields
  }
}
