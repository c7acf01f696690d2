import Dialogue

/// The command line of `translate`.
struct TranslateOptions {
  enum Mode: String {
    case request
    case response
    case stream
    case error
  }

  let mode: Mode
  var from = Dialect.messages
  var to = Dialect.chat
  var profile: Profile?
  var model: String?
  var requestFile: String?
  var headers: [HTTPField] = []
  var headersFile: String?
  var lossesFile: String?
  var isDeterministic = false
  var isLines = false
  /// As `TRANSLATION_LOSS` has it.
  var loss = Loss.report

  enum Loss: String {
    case ignore
    case report
    case refuse
  }

  /// The side that is no client.
  var upstream: Dialect { self.mode == .request ? self.to : self.from }
  var client: Dialect { self.mode == .request ? self.from : self.to }
  var upstreamProfile: Profile { self.profile ?? ProfileTable.standard(for: self.upstream) }

  init(_ arguments: [String]) throws(TranslateMistake) {
    guard let word = arguments.first, let mode = Mode(rawValue: word) else {
      throw TranslateMistake(message: "the first word must be request, response, stream or error")
    }
    self.mode = mode
    var from: Dialect?
    var to: Dialect?
    var profile: String?
    var rest = arguments.dropFirst()
    func value(of option: String) throws(TranslateMistake) -> String {
      guard let value = rest.popFirst() else { throw TranslateMistake(message: "\(option) needs a value") }
      return value
    }
    while let option = rest.popFirst() {
      switch option {
      case "--from": from = try Self.dialect(try value(of: option))
      case "--to": to = try Self.dialect(try value(of: option))
      case "--profile": profile = try value(of: option)
      case "--model": self.model = try value(of: option)
      case "--request": self.requestFile = try value(of: option)
      case "--header": self.headers.append(try Self.header(try value(of: option)))
      case "--headers-out": self.headersFile = try value(of: option)
      case "--losses": self.lossesFile = try value(of: option)
      case "--loss":
        let word = try value(of: option)
        guard let loss = Loss(rawValue: word) else {
          throw TranslateMistake(message: "--loss must be ignore, report or refuse")
        }
        self.loss = loss
      case "--deterministic": self.isDeterministic = true
      case "--lines": self.isLines = true
      default: throw TranslateMistake(message: "unknown option \(option)")
      }
    }
    if self.isLines, mode != .request {
      throw TranslateMistake(message: "--lines goes with request")
    }
    guard let from, let to else { throw TranslateMistake(message: "--from and --to are required") }
    self.from = from
    self.to = to
    guard let profile else { return }
    guard let row = ProfileTable.profile(named: profile) else {
      throw TranslateMistake(message: "unknown profile \(profile)")
    }
    guard row.dialect == self.upstream else {
      throw TranslateMistake(message: "profile \(profile) does not speak \(self.upstream.rawValue)")
    }
    self.profile = row
  }

  private static func dialect(_ name: String) throws(TranslateMistake) -> Dialect {
    guard let dialect = Dialect(rawValue: name) else {
      throw TranslateMistake(message: "unknown protocol \(name)")
    }
    return dialect
  }

  private static func header(_ text: String) throws(TranslateMistake) -> HTTPField {
    guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
      throw TranslateMistake(message: "a header must look like 'Name: value'")
    }
    let value = text[text.index(after: colon)...].drop { $0 == " " }
    return HTTPField(text[..<colon].lowercased(), String(value))
  }
}
