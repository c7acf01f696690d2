internal import Dialogue
internal import Gateway
internal import Server
internal import Settings
internal import Upstream
internal import Wire

/// One request to the configured upstream, planned as the daemon plans it.
struct SmokePing {
  private static let patienceMilliseconds: UInt64 = 30_000

  private let snapshot: Snapshot
  private let model: String?

  init(_ snapshot: Snapshot, model: String?) {
    self.snapshot = snapshot
    self.model = model
  }

  func run() -> Int32 {
    let plan = self.snapshot.settings.plan
    // The route that translates, so that everything the operator set is tried.
    let isAnthropic = plan.anthropic != nil
    guard !plan.isDemo, let choice = isAnthropic ? plan.chatCompletions : plan.messages else {
      return Self.complain("no upstream is configured in \(self.snapshot.configurationFile)")
    }
    guard let key = choice.ownKey else {
      return Self.complain(
        "no key of the server's is set (\(isAnthropic ? "UPSTREAM_API_KEY" : "OPENAI_API_KEY"))")
    }
    let errand = Errand(isAnthropic ? .chatCompletions : .messages, to: choice, key: key)
    do throws(ErrorReply) {
      var surroundings = Surroundings.counted(now: TranslateFiles.now)
      let planner = Planner(self.snapshot, userAgent: "claude-proxy/\(version)")
      guard let head = PlainHead.make("POST", "/", bodyCount: 0),
        case .send(let request) = try planner.plan(errand, head, self.body, &surroundings)
      else { return Self.complain("the request would be answered here") }
      return self.send(request)
    } catch {
      return Self.complain(error.message)
    }
  }

  private var body: [UInt8] {
    let models = self.snapshot.settings.models
    var json = JSONWriter()
    json.beginObject()
    json.key("model")
    json.string(self.model ?? (self.snapshot.settings.plan.anthropic == nil ? models.small : models.standard))
    json.key("max_tokens")
    json.integer(128)
    json.key("messages")
    json.beginArray()
    json.beginObject()
    json.key("role")
    json.string(plain: "user")
    json.key("content")
    json.string(plain: "ping")
    json.endObject()
    json.endArray()
    json.endObject()
    return json.takeBytes()
  }

  private func send(_ plan: RequestPlan) -> Int32 {
    let settings = self.snapshot.settings.upstream
    var connection = UpstreamConnection()
    connection.authorityFile = settings.caFile
    connection.speaksHTTP2 = settings.usesHTTP2
    switch settings.proxy {
    case .environment: break
    case .direct: connection.proxyURL = ""
    case .through(let url): connection.proxyURL = url.description
    }
    let order = TransferOrder(
      method: .post, url: plan.url, headerLines: plan.headerLines, body: plan.body, connection: connection)
    let probe = DoctorProbe(order)
    guard DoctorProbe.run([probe], patienceMilliseconds: Self.patienceMilliseconds), probe.status > 0 else {
      TextFile.complain("claude-proxy smoke: the upstream did not answer")
      return 1
    }
    print("status \(probe.status)\n\(Smoke.excerpt(probe.body))")
    return (200..<300).contains(probe.status) ? 0 : 1
  }

  private static func complain(_ text: String) -> Int32 {
    TextFile.complain("claude-proxy smoke: \(text)")
    return 2
  }
}

extension UpstreamChoice {
  fileprivate var ownKey: String? {
    switch self {
    case .demo: nil
    case .anthropic(let upstream): upstream.key?.revealed
    case .openAI(let upstream): upstream.key?.revealed
    }
  }
}
