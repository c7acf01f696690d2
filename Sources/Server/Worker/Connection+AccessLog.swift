internal import Gateway
internal import Glibc
internal import Platform
internal import Pool
internal import Settings
internal import Wire

/// What is told of a request when it is over.
extension Connection {
  /// Counts it and writes its line; `request` is nil for what was none.
  func log(_ record: consuming AccessRecord, of request: IncomingRequest?) {
    let now = Clock.monotonicNanoseconds() / 1_000
    let duration = record.startedMicroseconds.map { Int(clamping: now - min(now, $0)) } ?? 0
    let worker = self.worker
    worker.station.state.count(record.finished(durationMicroseconds: duration))
    let target = worker.accessLog.target
    guard target != .nowhere, worker.log.level.covers(.info) else { return }
    guard let format = worker.accessLog.format else {
      return worker.log.access(
        record.route + " " + String(record.status), to: .log,
        of: FinishedAccess(record, durationMicroseconds: duration))
    }
    self.noteReplyFields()
    var line = record.line(durationMicroseconds: duration)
    line.head = request?.head
    line.replyFields = self.replyFields ?? HeaderFields()
    line.clientPort = self.peer.port
    line.isSecure = request.map { self.scheme(of: $0.head) == .secure } ?? false
    line.wallSeconds = Clock.wallSeconds()
    line.offsetSeconds = Clock.localOffsetSeconds(at: line.wallSeconds)
    line.process = getpid()
    line.worker = worker.handle.name.age
    line.server = "claude-proxy/\(version)"
    worker.log.access(
      line.text(format), to: target,
      of: target == .log ? FinishedAccess(record, durationMicroseconds: duration) : nil)
  }

  /// Whoever writes a reply's head, it passes here before it leaves, and nothing of a reply before stands in front of it.
  func noteReplyFields() {
    guard self.worker.asksForReplyFields, self.replyFields == nil else { return }
    let output = self.output
    var start = 0
    while let end = Self.endOfHead(in: output.span, from: start) {
      var head: [UInt8] = []
      head.append(copying: output.span.extracting(start..<end))
      // nil: an interim reply.
      if let head = ResponseHead(parsing: head.span) {
        self.replyFields = head.fields
        return
      }
      start = end
    }
  }

  private static func endOfHead(in bytes: Span<UInt8>, from start: Int) -> Int? {
    var index = start + 3
    while index < bytes.count {
      if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 {
        return index + 1
      }
      index += 1
    }
    return nil
  }
}
