internal import Gateway
internal import Upstream
internal import Wire

/// Judges the way from a public address to the daemon.
struct DoctorNginx {
  private let requests: DoctorRequests
  private(set) var faults: [DoctorFault] = []
  /// What could not be tried, and why.
  private(set) var gaps: [String] = []

  init(_ requests: DoctorRequests) {
    self.requests = requests
  }

  mutating func examine() {
    guard let echo = self.hello() else { return }
    self.judge(echo: echo)
    let large = DoctorProbe(self.requests.largeBody)
    let stream = DoctorProbe(self.requests.stream)
    let compressible = DoctorProbe(self.requests.compressibleStream)
    let silence = DoctorProbe(self.requests.silence)
    let isDemo = echo.contains("demo")
    let patience = UInt64(self.requests.silenceSeconds + 60) * 1_000
    guard
      DoctorProbe.run(
        [large] + (isDemo ? [stream, compressible, silence] : []), patienceMilliseconds: patience)
    else { return self.gaps.append("no requests could be made") }
    self.judge(large: large)
    guard isDemo else {
      return self.gaps.append(
        "streams were not tried, for they would spend a key: set UPSTREAM=demo for the time of the visit")
    }
    self.judge(stream: stream)
    self.judge(compressible: compressible)
    self.judge(silence: silence)
  }

  /// What the daemon says of the first request; nil when it never saw it.
  private mutating func hello() -> [Substring]? {
    let probe = DoctorProbe(self.requests.hello)
    _ = DoctorProbe.run([probe], patienceMilliseconds: 30_000)
    if self.isRedirected(probe) { return nil }
    switch (probe.outcome, probe.status) {
    case (.complete, 502...504): self.faults.append(.unreachable(status: probe.status))
    case (.complete, _):
      if let echo = probe.fields.value(of: "x-proxy-doctor") { return echo.split(separator: " ") }
      self.gaps.append("something else answers there, with status \(probe.status)")
    case (.failed(let fault), _): self.gaps.append("no answer from there: \(fault.rawValue)")
    case (nil, _): self.gaps.append("no answer from there within 30 s")
    }
    return nil
  }

  private mutating func judge(echo: [Substring]) {
    if echo.contains("http/1.0") { self.faults.append(.oldProtocol) }
    for name in ["x-api-key", "authorization", "anthropic-version", "anthropic-beta"]
    where !echo.contains(name[...]) {
      self.faults.append(.lostField(name))
    }
  }

  private mutating func judge(large: DoctorProbe) {
    if self.isRedirected(large) { return }
    // The daemon's own refusal is JSON.
    if large.status == 413, large.body.first != UInt8(ascii: "{") {
      self.faults.append(.bodyLimit(bytes: DoctorRequests.bodyBytes))
    } else if large.status == 0 {
      self.gaps.append("a large body got no answer")
    }
  }

  private mutating func judge(stream: DoctorProbe) {
    guard self.wasAnswered(stream, "a stream") else { return }
    if stream.cameAtOnce { self.faults.append(.buffering(milliseconds: stream.tookMilliseconds)) }
  }

  private mutating func judge(compressible: DoctorProbe) {
    guard self.wasAnswered(compressible, "a stream for a client that takes gzip") else { return }
    if let coding = compressible.fields.value(of: "content-encoding"), coding != "identity" {
      self.faults.append(.compressedStream(coding))
    }
  }

  private mutating func judge(silence: DoctorProbe) {
    switch (silence.status, silence.outcome) {
    case (504, _), (0, .failed): self.faults.append(.readTimeout(seconds: self.requests.silenceSeconds))
    default: _ = self.wasAnswered(silence, "an answer that takes its time")
    }
  }

  private mutating func wasAnswered(_ probe: DoctorProbe, _ what: String) -> Bool {
    if self.isRedirected(probe) { return false }
    switch (probe.status, probe.outcome) {
    case (200, .complete): return true
    case (401, _):
      self.gaps.append("\(what) was not tried: put an accepted key into \(Doctor.keyVariable)")
    case (_, .complete): self.gaps.append("\(what) ended with status \(probe.status)")
    case (_, .failed(let fault)): self.gaps.append("\(what) broke off: \(fault.rawValue)")
    case (_, nil): self.gaps.append("\(what) did not end in time")
    }
    return false
  }

  private mutating func isRedirected(_ probe: DoctorProbe) -> Bool {
    guard (301...308).contains(probe.status) else { return false }
    let location = probe.fields.value(of: "location") ?? "nowhere"
    let fault = DoctorFault.redirect(status: probe.status, location: location)
    if !self.faults.contains(fault) { self.faults.append(fault) }
    return true
  }
}
