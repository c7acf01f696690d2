internal import Upstream
internal import Wire

/// One request of each kind through a running daemon, and whether each was answered.
struct SmokeRound {
  private struct Trial {
    let name: String
    let path: String
    let members: String
    /// What a good answer holds.
    let sign: String
  }

  private static let patienceMilliseconds: UInt64 = 120_000
  private static let pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="

  private static let trials = [
    Trial(
      name: "text", path: "/v1/messages",
      members: #""max_tokens":128,"messages":[{"role":"user","content":"ping"}]"#, sign: #""stop_reason""#),
    Trial(
      name: "stream", path: "/v1/messages",
      members: #""max_tokens":128,"stream":true,"messages":[{"role":"user","content":"ping"}]"#,
      sign: "message_stop"),
    Trial(
      name: "tool", path: "/v1/messages",
      members: #""max_tokens":256,"messages":[{"role":"user","content":"What is the weather in Rome?"}],"#
        + #""tools":[{"name":"weather","description":"The weather of a city","input_schema":{"type":"object","#
        + #""properties":{"city":{"type":"string"}},"required":["city"]}}]"#,
      sign: #""stop_reason""#),
    Trial(
      name: "image", path: "/v1/messages",
      members:
        #""max_tokens":128,"messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},"#
        + #"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"\#(pixel)"}}]}]"#,
      sign: #""stop_reason""#),
    Trial(
      name: "count_tokens", path: "/v1/messages/count_tokens",
      members: #""messages":[{"role":"user","content":"ping"}]"#, sign: #""input_tokens""#),
  ]

  private let url: String
  private let key: String?
  private let model: String

  init(url: String, key: String?, model: String?) {
    self.url = url
    self.key = key
    self.model = model ?? "claude-3-5-haiku-latest"
  }

  func run() -> Int32 {
    var failures = 0
    for trial in Self.trials where !self.passes(trial) { failures += 1 }
    print(failures == 0 ? "all \(Self.trials.count) answered" : "\(failures) of \(Self.trials.count) failed")
    return failures == 0 ? 0 : 1
  }

  private func passes(_ trial: Trial) -> Bool {
    var lines = ["expect:", "content-type: application/json", "anthropic-version: 2023-06-01"]
    if let key = self.key { lines.append("x-api-key: \(key)") }
    var model = JSONWriter()
    model.string(self.model)
    let body = Array(#"{"model":"#.utf8) + model.takeBytes() + Array(",\(trial.members)}".utf8)
    var connection = UpstreamConnection()
    connection.proxyURL = ""
    let probe = DoctorProbe(
      TransferOrder(
        method: .post, url: self.url + trial.path, headerLines: lines.map { Array($0.utf8) }, body: body,
        connection: connection))
    guard DoctorProbe.run([probe], patienceMilliseconds: Self.patienceMilliseconds), probe.status > 0 else {
      print("\(trial.name): no answer")
      return false
    }
    let isGood =
      probe.status == 200 && String(decoding: probe.body, as: UTF8.self).contains(trial.sign)
    print("\(trial.name): \(isGood ? "ok" : "failed"), status \(probe.status)")
    if !isGood { print(Smoke.excerpt(probe.body)) }
    return isGood
  }
}
