internal import Dialogue
internal import Gateway
internal import Server
internal import Settings
internal import Tokens
internal import Wire

/// `claude-proxy explain`: what a request would become, without sending it anywhere.
enum Explain {
  private static let usage = """
    usage: claude-proxy explain [--config FILE] [--path TARGET] [--method METHOD] [--header 'NAME: VALUE']...
                                [--socket PATH] [--raw] [FILE]
      FILE               the request's body; if not given, standard input
      --path TARGET      path and query of the request; if not given, /v1/messages
      --method METHOD    if not given, POST
      --header           a header field of the request, as often as needed; without a key, an accepted one is assumed
      --config FILE      read FILE instead of /etc/claude-proxy/claude-proxy.env and conf.d/*.env
      --socket PATH      the admin socket of the running service, which knows models and user id
      --raw              print the bytes of the upstream's body and nothing else
    Exit status: 0 it would be sent, 1 it would be answered here, 2 it cannot be explained.
    """

  static func run(arguments: [String]) -> Int32 {
    if arguments.contains("--help") {
      print(Self.usage)
      return 0
    }
    do throws(ExplainOptions.Mistake) {
      return try Self.explain(try ExplainOptions(arguments))
    } catch {
      TextFile.complain("claude-proxy explain: \(error.message)\n\(Self.usage)")
      return 2
    }
  }

  private static func explain(_ options: ExplainOptions) throws(ExplainOptions.Mistake) -> Int32 {
    let loader = ConfigurationLoader(configFile: options.configFile)
    // Where the daemon listens changes nothing about a request.
    guard case .accepted(let settings, _) = loader.load(listeners: .systemd(publicAddresses: [])) else {
      throw .init(message: "the configuration is not usable; \"claude-proxy check\" says why")
    }
    let body = options.file.map { TranslateFiles.read(path: $0) } ?? TranslateFiles.readInput()
    guard let body else { throw .init(message: "\(options.file ?? "standard input") cannot be read") }
    guard
      let head = PlainHead.make(options.method, options.target, options.headers, bodyCount: body.count)
    else { throw .init(message: "the method, the path or a header is not what a request may have") }
    let snapshot = Snapshot(settings, isFaulty: false, generation: 1, configurationFile: loader.fileToEdit)
    var report = ExplainReport(settings, isRaw: options.isRaw)
    do throws(ErrorReply) {
      let errand = try Self.errand(head, snapshot, &report)
      let learned = ExplainFacts(settings, errand, over: options.socket)
      // A call that is looked for twice is one.
      var calls: Set<String> = []
      let noteCall: (String) -> [UInt8]? = {
        calls.insert($0)
        return nil
      }
      var surroundings = Surroundings.counted(now: TranslateFiles.now)
      let planner = Planner(snapshot, userAgent: "claude-proxy/\(version)")
      var outcome = try planner.plan(
        errand, head, body, &surroundings, facts: learned.facts, remembered: noteCall)
      if case .count(let unfinished) = outcome {
        let vocabularies = TokenTables.load(for: settings.tokens).vocabularies
        outcome = try planner.resume(
          unfinished, TokenCounter(vocabularies, settings).count(unfinished.countable), errand, head,
          &surroundings, facts: learned.facts, remembered: noteCall)
      }
      report.varying = learned.varying(body, calls: calls.count)
      switch outcome {
      case .send(let plan): return report.show(plan, errand, head)
      case .answer(let answer): return report.show(answer)
      case .count: throw ErrorReply(status: 500, message: "The request is counted twice.")
      }
    } catch {
      return report.show(error, RoutingTable.clientProtocol(ofPath: head.path))
    }
  }

  /// Whom the daemon would ask; a key that is not said is taken to be a good one.
  private static func errand(
    _ head: RequestHead, _ snapshot: Snapshot, _ report: inout ExplainReport
  ) throws(ErrorReply) -> Errand {
    let route: Route
    switch RoutingTable.match(method: head.method, path: head.path, on: .inference) {
    case .found(let found): route = found
    case .wrongMethod(_, let allowed): throw .wrongMethod(allowed: allowed)
    case .nothing: throw .notFound
    }
    switch Gatekeeper(snapshot).judge(head, route: route, on: .inference, isDraining: false) {
    case .relay(let errand): return errand
    case .refuse(let error) where error.status != 401 || ClientCredential.find(in: head) != nil:
      throw error
    case .refuse(let error):
      let plan = snapshot.settings.plan
      let choice = route.clientProtocol == .anthropic ? plan.messages : plan.chatCompletions
      guard let choice else { throw error }
      report.note("key: none was given; an accepted one is assumed")
      return Errand(route, to: choice, key: choice.sentKey(for: "sk-key-of-the-client"))
    case _: throw ErrorReply(status: 200, message: "The daemon answers this by itself.", code: "page")
    }
  }
}

extension UpstreamChoice {
  /// The server's own key where there is one to spend.
  fileprivate func sentKey(for client: String) -> String? {
    switch self {
    case .demo: nil
    case .anthropic(let upstream): upstream.key?.revealed
    case .openAI(let upstream): upstream.keyMode == .serverKey ? upstream.key?.revealed : client
    }
  }
}
