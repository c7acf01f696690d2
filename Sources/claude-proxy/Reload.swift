internal import Server

/// `claude-proxy reload`: asks the running daemon over its admin socket, and waits for the outcome.
enum Reload {
  private static let usage = """
    usage: claude-proxy reload [--socket PATH]
      --socket PATH  the admin socket, if not \(AdminClient.defaultSocket)
    """

  static func run(arguments: [String]) -> Int32 {
    var socket = AdminClient.defaultSocket
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--socket", let path = rest.popFirst() {
        socket = path
      } else if argument == "--help" {
        print(Self.usage)
        return 0
      } else {
        TextFile.complain("claude-proxy reload: \(argument) is not understood here\n\(Self.usage)")
        return 2
      }
    }
    return Self.report(AdminClient.reload(over: socket))
  }

  private static func report(_ answer: AdminClient.Answer) -> Int32 {
    switch answer {
    case .report(let report):
      for line in report.lines {
        if report.succeeded { print(line) } else { TextFile.complain(line) }
      }
      if report.succeeded {
        print("reloaded")
      } else {
        TextFile.complain("not reloaded; the old configuration stays")
      }
      return report.succeeded ? 0 : 1
    case .unavailable(let why):
      TextFile.complain("claude-proxy reload: \(why)")
      return 1
    }
  }
}
