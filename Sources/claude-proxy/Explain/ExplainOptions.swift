internal import Server

/// The command line of `explain`.
struct ExplainOptions {
  struct Mistake: Error { let message: String }

  var configFile: String?
  var socket = AdminClient.defaultSocket
  var method = "POST"
  var target = "/v1/messages"
  var headers: [(name: String, value: String)] = []
  var file: String?
  var isRaw = false

  init(_ arguments: [String]) throws(Mistake) {
    var rest = arguments[...]
    func value(of option: String) throws(Mistake) -> String {
      guard let value = rest.popFirst() else { throw Mistake(message: "\(option) needs a value") }
      return value
    }
    while let option = rest.popFirst() {
      switch option {
      case "--config": self.configFile = try value(of: option)
      case "--socket": self.socket = try value(of: option)
      case "--method": self.method = try value(of: option)
      case "--path": self.target = try value(of: option)
      case "--header": self.headers.append(try Self.header(try value(of: option)))
      case "--raw": self.isRaw = true
      case let name where name.hasPrefix("-") && name != "-":
        throw Mistake(message: "\(name) is not understood here")
      case let name:
        guard self.file == nil else { throw Mistake(message: "only one file can be explained at a time") }
        self.file = name
      }
    }
  }

  private static func header(_ text: String) throws(Mistake) -> (name: String, value: String) {
    guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
      throw Mistake(message: "a header must look like 'Name: value'")
    }
    return (String(text[..<colon]), String(text[text.index(after: colon)...].drop { $0 == " " }))
  }
}
