import Dialogue
import Wire

/// A stream in its middle: every delta is fed alone, and what the client gets for it is taken at once.
struct DeltaStream {
  enum Kind: String, CaseIterable {
    case text
    case reasoning
    case arguments
  }

  private let deltas: [[UInt8]]
  private var translator: StreamTranslator
  private var output: [UInt8] = []
  private(set) var writtenBytes = 0

  init(_ direction: Direction, of kind: Kind) {
    var source = SampleText(seed: 3)
    var deltas: [String] = []
    for _ in 0..<100 {
      // A token with its blank, about four characters.
      let text = " " + source.text(2 + source.number(below: 4))
      switch direction.upstream {
      case .messages: deltas.append(MessagesSpelling.delta(kind, text))
      case .chat: deltas.append(ChatSpelling.delta(kind, text))
      }
    }
    self.deltas = deltas.map { Array($0.utf8) }
    self.translator = StreamTranslator(direction.context, .counted(now: 1_800_000_000))
    let start: String
    switch direction.upstream {
    case .messages: start = MessagesSpelling.streamStart(kind)
    case .chat: start = ChatSpelling.streamStart(kind)
    }
    let bytes = Array(start.utf8)
    self.translator.feed(bytes.span)
    self.run(100)
  }

  var deltaBytes: Int { self.deltas.reduce(0) { $0 + $1.count } / self.deltas.count }

  mutating func run(_ count: Int) {
    var next = 0
    for _ in 0..<count {
      let delta = self.deltas[next]
      self.translator.feed(delta.span)
      self.translator.drain(into: &self.output)
      self.writtenBytes += self.output.count
      self.output.removeAll(keepingCapacity: true)
      next = next == self.deltas.count - 1 ? 0 : next + 1
    }
  }
}
