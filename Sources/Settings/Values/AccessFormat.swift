/// What the line of a request says: gunicorn's `access_log_format`, taken apart.
package struct AccessFormat: Sendable, Equatable {
  /// What a letter stands for: gunicorn's, and in the last rows what only this daemon knows.
  package enum Word: String, Sendable, CaseIterable {
    case client = "h"
    case identity = "l"
    case user = "u"
    case time = "t"
    case requestLine = "r"
    case method = "m"
    case path = "U"
    case query = "q"
    case version = "H"
    case status = "s"
    case replyBytes = "B"
    case replyBytesText = "b"
    case referer = "f"
    case userAgent = "a"
    case seconds = "T"
    case milliseconds = "M"
    case microseconds = "D"
    case decimalSeconds = "L"
    case process = "p"

    case requestName = "I"
    case route = "R"
    case worker = "W"
    case model = "N"
    case upstream = "V"
    case inputTokens = "i"
    case outputTokens = "o"
    case firstByteMicroseconds = "F"
    case code = "C"
  }

  package enum Piece: Sendable, Equatable {
    case text(String)
    case word(Word)
    /// By name in lower case, as the next two.
    case requestField(String)
    case replyField(String)
    case variable(String)
    /// No such thing: gunicorn prints `-`.
    case nothing
  }

  package let source: String
  package let pieces: [Piece]

  /// What gunicorn prints where nothing else is asked for.
  package static let standard = AccessFormat(
    source: #"%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s""#)

  package var asksForReplyFields: Bool {
    self.pieces.contains { if case .replyField = $0 { true } else { false } }
  }

  /// nil: it is no format of the kind.
  package init?(_ source: String) {
    guard let pieces = Self.pieces(of: source), HeaderSetting.isValue(source) else { return nil }
    self.source = source
    self.pieces = pieces
  }

  private init(source: String) {
    self.source = source
    self.pieces = Self.pieces(of: source) ?? []
  }

  /// As Python reads it: `%(name)s`, `%(name)d` and `%%`.
  private static func pieces(of source: String) -> [Piece]? {
    var pieces: [Piece] = []
    var rest = Substring(source)
    while let percent = rest.firstIndex(of: "%") {
      if percent > rest.startIndex { pieces.append(.text(String(rest[..<percent]))) }
      rest = rest[rest.index(after: percent)...]
      if rest.first == "%" {
        pieces.append(.text("%"))
        rest.removeFirst()
        continue
      }
      guard rest.first == "(", let end = rest.firstIndex(of: ")") else { return nil }
      let name = rest[..<end].dropFirst()
      rest = rest[rest.index(after: end)...]
      guard let conversion = rest.popFirst(), conversion == "s" || conversion == "d" else { return nil }
      pieces.append(Self.piece(name))
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    return pieces
  }

  private static func piece(_ name: Substring) -> Piece {
    guard name.first == "{" else { return Word(rawValue: String(name)).map(Piece.word) ?? .nothing }
    let parts = name.lowercased().dropFirst().split(separator: "}", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return .nothing }
    return switch parts[1] {
    case "i": .requestField(String(parts[0]))
    case "o": .replyField(String(parts[0]))
    case "e": .variable(String(parts[0]))
    default: .nothing
    }
  }
}

/// Where the line of each request goes, and what it says.
package struct AccessLogSettings: Sendable, Equatable {
  package enum Target: Sendable, Equatable {
    /// To everything else: the journal, or standard error.
    case log
    case standardOutput
    case file(String)
    case nowhere

    /// As gunicorn's setting has it, and `journal`.
    package init?(_ text: String) {
      switch text.lowercased() {
      case "journal": self = .log
      case "-": self = .standardOutput
      case "none", "off": self = .nowhere
      default:
        guard text.hasPrefix("/"), text.count > 1, !text.hasSuffix("/") else { return nil }
        self = .file(text)
      }
    }

    package var word: String {
      switch self {
      case .log: "journal"
      case .standardOutput: "-"
      case .file(let path): path
      case .nowhere: "none"
      }
    }
  }

  package var target = Target.log
  /// As given.
  package var ownFormat: AccessFormat?

  /// nil: the log's own words, with what is known in fields.
  package var format: AccessFormat? {
    self.ownFormat ?? (self.target == .log ? nil : .standard)
  }

  package init() {}
}
