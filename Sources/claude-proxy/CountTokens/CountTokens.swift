internal import Tokens

/// `claude-proxy count-tokens`: the counter as a filter, without a network.
enum CountTokens {
  static let usage = """
    usage: claude-proxy count-tokens [--encoding NAME | --model NAME] [--ids] [--special] [--lines] < text
           claude-proxy count-tokens --request FILE [--config FILE] [--encoding NAME] [--model NAME]
      --encoding NAME  \(EncodingName.allCases.map(\.rawValue).joined(separator: " or ")); if not given, the model's
      --model NAME     the model that would read it; of a request, if not given, the one it would be sent to
      --ids            the tokens instead of their number
      --special        texts such as <|endoftext|> are the tokens they name
      --lines          each line is a JSON string, and gets a line of its own
      --request FILE   a Messages or Chat Completions request, counted as the daemon would (- is standard input)
      --config FILE    the daemon's settings are in FILE instead of /etc/claude-proxy/claude-proxy.env and conf.d/*.env
      --data FOLDER    where the tables are; if not given, TOKEN_DATA_DIR, the source tree or the package
    Bytes that are no UTF-8 count as the replacement character U+FFFD, one for each longest piece of a sequence.

    """

  static func run(arguments: [String]) -> Int32 {
    if arguments == ["--help"] { return TranslateFiles.writeOutput(Array(self.usage.utf8)) ? 0 : 1 }
    do {
      return try CountTokensCommand(CountTokensOptions(arguments)).run()
    } catch let mistake as CountTokensMistake {
      TranslateFiles.writeError("claude-proxy count-tokens: \(mistake.message)\n")
      if mistake.isUsage { TranslateFiles.writeError(self.usage) }
      return mistake.isUsage ? 2 : 1
    } catch {
      TranslateFiles.writeError("claude-proxy count-tokens: \(error)\n")
      return 1
    }
  }
}

/// Why nothing could be counted.
struct CountTokensMistake: Error {
  let message: String
  var isUsage = false
}

/// The command line of `count-tokens`.
struct CountTokensOptions {
  var encoding: EncodingName?
  var model: String?
  var request: String?
  var folder: String?
  var configFile: String?
  var wantsTokens = false
  var knowsSpecials = false
  var isLines = false

  init(_ arguments: [String]) throws(CountTokensMistake) {
    var rest = arguments[...]
    while let option = rest.popFirst() {
      func value() throws(CountTokensMistake) -> String {
        guard let value = rest.popFirst() else { throw Self.misused("\(option) needs a value") }
        return value
      }
      switch option {
      case "--encoding":
        let name = try value()
        guard let encoding = EncodingName(rawValue: name) else {
          throw Self.misused("there is no encoding \(name)")
        }
        self.encoding = encoding
      case "--model": self.model = try value()
      case "--request": self.request = try value()
      case "--data": self.folder = try value()
      case "--config": self.configFile = try value()
      case "--ids": self.wantsTokens = true
      case "--special": self.knowsSpecials = true
      case "--lines": self.isLines = true
      default: throw Self.misused("unknown option \(option)")
      }
    }
    if self.request != nil, self.wantsTokens || self.knowsSpecials || self.isLines {
      throw Self.misused("--ids, --special and --lines are for texts")
    }
    if self.request == nil, self.configFile != nil { throw Self.misused("--config is for requests") }
  }

  private static func misused(_ message: String) -> CountTokensMistake {
    CountTokensMistake(message: message, isUsage: true)
  }
}
