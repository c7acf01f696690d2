/// An answer as a sequence of events in no protocol, one made after the other.
internal struct DemoScript: Sendable {
  enum Kind: Sendable {
    case thinking
    case text
    case tool
  }

  struct Part: Sendable {
    let kind: Kind
    let pieces: DemoPieces
  }

  enum StopReason: Sendable {
    case finished
    case tool
    case tokenLimit
  }

  enum Event: Sendable {
    case began
    case opened(part: Int, Kind)
    case piece(part: Int, Kind, String)
    case closed(part: Int, Kind)
    case stopped
    case failed
    case step(DemoStep)
  }

  private enum Place {
    case begin
    case open(part: Int)
    case piece(part: Int, index: Int)
    case close(part: Int)
    case stop
    case done
  }

  let request: DemoRequest
  let serial: Int
  let parts: [Part]
  let stopReason: StopReason
  private(set) var outputTokens = 0
  private var place = Place.begin
  private var owesPause = false

  init(_ request: DemoRequest, serial: Int) {
    self.request = request
    self.serial = serial
    let wishes = request.wishes
    var parts: [Part] = []
    if wishes.thinks {
      parts.append(Part(kind: .thinking, pieces: DemoPieces(wordsOf: "The user asked me to think, so I do.")))
    }
    var stopReason = StopReason.finished
    if wishes.callsTool && request.toolResult == nil {
      parts.append(Part(kind: .tool, pieces: DemoPieces(request.toolArguments, every: 8)))
      stopReason = .tool
    } else {
      var pieces = Self.text(answering: request)
      if let limit = request.tokenLimit, wishes.amount == nil, pieces.count > limit {
        pieces = pieces.prefix(limit)
        stopReason = .tokenLimit
      }
      parts.append(Part(kind: .text, pieces: pieces))
    }
    self.parts = parts
    self.stopReason = stopReason
  }

  /// The next event; nil after the last one.
  mutating func next() -> Event? {
    if self.owesPause {
      self.owesPause = false
      return .step(.pause(milliseconds: self.request.wishes.pauseMilliseconds))
    }
    switch self.place {
    case .begin:
      self.place = .open(part: 0)
      return .began
    case .open(let part):
      self.place = .piece(part: part, index: 0)
      return .opened(part: part, self.parts[part].kind)
    case .piece(let part, let index):
      let pieces = self.parts[part].pieces
      if part == self.parts.count - 1, index >= (pieces.count + 1) / 2, let fault = self.fault() {
        return fault
      }
      if index == pieces.count {
        self.place = .close(part: part)
        return self.next()
      }
      self.place = .piece(part: part, index: index + 1)
      self.outputTokens += 1
      self.owesPause = self.request.wishes.pauseMilliseconds > 0
      return .piece(part: part, self.parts[part].kind, pieces[index])
    case .close(let part):
      self.place = part + 1 < self.parts.count ? .open(part: part + 1) : .stop
      return .closed(part: part, self.parts[part].kind)
    case .stop:
      self.place = .done
      return .stopped
    case .done:
      return nil
    }
  }

  private mutating func fault() -> Event? {
    guard let midstream = self.request.wishes.midstream else { return nil }
    self.place = .done
    switch midstream {
    case .failure: return .failed
    case .stall: return .step(.stall)
    case .breakOff: return .step(.breakOff)
    }
  }

  /// What an unstreamed answer says was spent.
  var allTokens: Int {
    self.parts.reduce(0) { $0 + $1.pieces.count }
  }

  private static func text(answering request: DemoRequest) -> DemoPieces {
    switch request.wishes.amount {
    case .events(let count): return .numbered(count)
    case .bytes(let count): return .sized(count)
    case nil: break
    }
    if let result = request.toolResult {
      return DemoPieces(
        wordsOf: "The tool answered \"\(Self.excerpt(of: result))\". Thank you, that was all I needed.")
    }
    let said = Self.excerpt(of: request.wishes.text)
    let greeting = said.isEmpty ? "Hello!" : "You said \"\(said)\"."
    return DemoPieces(
      wordsOf: "\(greeting) This is the demo upstream of claude-proxy, which repeats and knows nothing.")
  }

  private static func excerpt(of text: String) -> String {
    var words: [Substring] = []
    var room = 200
    for word in text.prefix(1000).split(whereSeparator: \.isWhitespace) {
      room -= word.count + 1
      if room < 0 { return words.joined(separator: " ") + " ..." }
      words.append(word)
    }
    return words.joined(separator: " ")
  }
}
