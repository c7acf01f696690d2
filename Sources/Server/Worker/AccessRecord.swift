internal import Dialogue
internal import Gateway
internal import Platform

/// One request's line in the log. Holds no key, no prompt and nothing of a path that is not ours.
struct AccessRecord {
  let requestName: String
  /// nil: what was no request of any route.
  let kind: Route?
  let status: Int
  let client: String
  let startedMicroseconds: UInt64?
  let code: String?
  var upstream: UpstreamName?
  var requestBytes = 0
  var replyBytes = 0
  var firstByteMicroseconds: UInt64?
  var outcome: UpstreamOutcome?
  var isStream = false
  var retries = 0
  var tokens = TokenCounts()
  var losses: [Loss.Action] = []

  var route: String { self.kind?.word ?? "none" }

  init(_ request: IncomingRequest, _ client: String, status: Int, error: ErrorReply?) {
    self.requestName = request.reply.requestName
    self.kind = request.route
    self.status = status
    self.client = client
    self.startedMicroseconds = request.startedMicroseconds
    self.code = error.map { $0.code ?? "refused" }
  }

  /// What was no request.
  init(_ requestName: String, _ client: String, error: ErrorReply) {
    self.requestName = requestName
    self.kind = nil
    self.status = error.status
    self.client = client
    self.startedMicroseconds = nil
    self.code = error.code ?? "malformed"
  }
}

extension Worker {
  func logAccess(_ record: AccessRecord) {
    let now = Clock.monotonicNanoseconds() / 1_000
    let duration = record.startedMicroseconds.map { Int(clamping: now - min(now, $0)) } ?? 0
    self.station.state.count(record.finished(durationMicroseconds: duration))
    self.log.info(
      "\(record.route) \(record.status)", id: .request, record.fields(durationMicroseconds: duration))
  }
}

extension AccessRecord {
  fileprivate func finished(durationMicroseconds: Int) -> FinishedRequest {
    var finished = FinishedRequest(route: self.kind, status: self.status)
    finished.durationMicroseconds = UInt64(clamping: durationMicroseconds)
    if let first = self.firstByteMicroseconds, let started = self.startedMicroseconds {
      finished.firstTokenMicroseconds = first - min(first, started)
    }
    finished.upstream = self.upstream
    finished.outcome = self.outcome
    finished.isStream = self.isStream
    finished.tokens = self.tokens
    finished.retries = self.retries
    finished.requestBytes = self.requestBytes
    finished.replyBytes = self.replyBytes
    finished.dropped = self.losses.count { $0 == .dropped }
    finished.changed = self.losses.count - finished.dropped
    return finished
  }

  fileprivate func fields(durationMicroseconds: Int) -> LogFields {
    var fields: LogFields = [
      "REQUEST_ID": .text(self.requestName),
      "ROUTE": .text(self.route),
      "STATUS": .integer(self.status),
      "CLIENT": .text(self.client),
      "DURATION_USEC": .integer(durationMicroseconds),
      "REPLY_BYTES": .integer(self.replyBytes),
    ]
    if let upstream = self.upstream {
      fields.append("UPSTREAM", .text(upstream.rawValue))
      fields.append("REQUEST_BYTES", .integer(self.requestBytes))
      if let outcome = self.outcome { fields.append("UPSTREAM_OUTCOME", .text(outcome.word)) }
    }
    if let first = self.firstByteMicroseconds, let started = self.startedMicroseconds {
      fields.append("FIRST_BYTE_USEC", .integer(Int(clamping: first - min(first, started))))
    }
    if self.status == 499 { fields.append("ERROR_CODE", "client_gone") }
    if let code = self.code { fields.append("ERROR_CODE", .text(code)) }
    return fields
  }
}
