internal import Dialogue
internal import Gateway
internal import Platform

/// One request's line in the log. Holds no key, no prompt and nothing of a path that is not ours.
struct AccessRecord: Sendable {
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
  var model: String?

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

extension AccessRecord {
  private func sinceStart(_ moment: UInt64?) -> Int? {
    guard let moment, let started = self.startedMicroseconds else { return nil }
    return Int(clamping: moment - min(moment, started))
  }

  /// What a line of gunicorn's kind can say; who asked for it adds what the record does not know.
  func line(durationMicroseconds: Int) -> AccessLine {
    var line = AccessLine()
    line.client = self.client == "unix" ? "" : self.client
    line.status = self.status
    line.replyBytes = self.replyBytes
    line.durationMicroseconds = durationMicroseconds
    line.requestName = self.requestName
    line.route = self.route
    line.model = self.model
    line.upstream = self.upstream
    line.tokens = self.tokens
    line.firstByteMicroseconds = self.sinceStart(self.firstByteMicroseconds)
    line.code = self.status == 499 ? "client_gone" : self.code
    return line
  }

  func finished(durationMicroseconds: Int) -> FinishedRequest {
    var finished = FinishedRequest(route: self.kind, status: self.status)
    finished.durationMicroseconds = UInt64(clamping: durationMicroseconds)
    finished.firstTokenMicroseconds = self.sinceStart(self.firstByteMicroseconds).map { UInt64(clamping: $0) }
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

  /// What the log has of it beside its text.
  func forEachField(durationMicroseconds: Int, _ body: (LogFieldName, LogValue) -> Void) {
    body("REQUEST_ID", .text(self.requestName))
    body("ROUTE", .text(self.route))
    body("STATUS", .integer(self.status))
    body("CLIENT", .text(self.client))
    body("DURATION_USEC", .integer(durationMicroseconds))
    body("REPLY_BYTES", .integer(self.replyBytes))
    if let upstream = self.upstream {
      body("UPSTREAM", .text(upstream.rawValue))
      body("REQUEST_BYTES", .integer(self.requestBytes))
      if let outcome = self.outcome { body("UPSTREAM_OUTCOME", .text(outcome.word)) }
    }
    if let first = self.sinceStart(self.firstByteMicroseconds) { body("FIRST_BYTE_USEC", .integer(first)) }
    if self.status == 499 { body("ERROR_CODE", "client_gone") }
    if let code = self.code { body("ERROR_CODE", .text(code)) }
  }
}

/// A request's line on its way to the log thread.
///
/// No object, though it is long: what one thread allocates and another frees costs three times as much.
struct FinishedAccess: Sendable {
  private let record: AccessRecord
  private let durationMicroseconds: Int

  init(_ record: AccessRecord, durationMicroseconds: Int) {
    self.record = record
    self.durationMicroseconds = durationMicroseconds
  }

  func forEachField(_ body: (LogFieldName, LogValue) -> Void) {
    self.record.forEachField(durationMicroseconds: self.durationMicroseconds, body)
  }
}
