internal import Server
internal import Upstream

/// `claude-proxy doctor`: tries a way to the daemon as a client would, and says what is wrong with it.
enum Doctor {
  static let keyVariable = "CLAUDE_PROXY_KEY"
  private static let usage = """
    usage: claude-proxy doctor nginx --url URL [--ca FILE] [--silence SECONDS]
      --url URL          the address clients use, such as https://llm.example.com
      --ca FILE          certificate authorities to trust beside the system's
      --silence SECONDS  how long an answer must be waited for, 1 to 600; if not given, 75
    Streams are tried against the built-in demo upstream: set UPSTREAM=demo for the time of the visit. A key that is
    accepted there, if one is needed, is taken from the variable \(Self.keyVariable).
    Exit status: 0 nothing is wrong, 1 something is, 2 not everything could be tried.
    """

  static func run(arguments: [String]) -> Int32 {
    guard arguments.first == "nginx" else {
      if arguments.first == "--help" {
        print(Self.usage)
        return 0
      }
      return Self.misunderstood(arguments.first ?? "nothing")
    }
    var url: String?
    var authorityFile: String?
    var silence = 75
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      if argument == "--url", let value = rest.popFirst() {
        url = value
      } else if argument == "--ca", let value = rest.popFirst() {
        authorityFile = value
      } else if argument == "--silence", let value = rest.popFirst().flatMap({ Int($0) }), 1...600 ~= value {
        silence = value
      } else if argument == "--help" {
        print(Self.usage)
        return 0
      } else {
        return Self.misunderstood(argument)
      }
    }
    guard var url, url.hasPrefix("http://") || url.hasPrefix("https://") else {
      return Self.misunderstood("a visit without --url https://... ")
    }
    while url.hasSuffix("/") { url.removeLast() }
    TransferSet.prepareProcess()
    let key = ConfigurationLoader.processEnvironment().last { $0.name == Self.keyVariable }?.value
    var visit = DoctorNginx(
      DoctorRequests(url: url, key: key, authorityFile: authorityFile, silenceSeconds: silence))
    visit.examine()
    return Self.report(visit)
  }

  private static func report(_ visit: DoctorNginx) -> Int32 {
    for fault in visit.faults { print("wrong: \(fault.symptom)\n  cure: \(fault.cure)") }
    for gap in visit.gaps { TextFile.complain("not tried: \(gap)") }
    if !visit.faults.isEmpty { return 1 }
    if !visit.gaps.isEmpty { return 2 }
    print("nothing is wrong on this way: fields, bodies, streams and long silences all come through")
    return 0
  }

  private static func misunderstood(_ what: String) -> Int32 {
    TextFile.complain("claude-proxy doctor: \(what) is not understood here\n\(Self.usage)")
    return 2
  }
}
