import Dialogue
import Wire

/// One way through the engine.
struct Direction {
  let client: Dialect
  let upstream: Dialect

  static let both = [
    Direction(client: .messages, upstream: .chat), Direction(client: .chat, upstream: .messages),
  ]

  private var profile: Profile { ProfileTable.standard(for: self.upstream) }

  var context: ReplyContext {
    var context = ReplyContext(client: self.client, profile: self.profile, model: "m")
    context.isStreaming = true
    context.wantsUsage = true
    return context
  }

  /// Bytes to the pieces of the upstream's body; how many bytes those are, or 0 for a refusal.
  func request(_ body: [UInt8]) -> Int {
    guard let document = try? JSONDocument(body),
      case .send(let body) = try? Translation.request(document, from: self.client, to: self.profile)
    else { return 0 }
    return body.writer.bytes.count + body.writer.splices.reduce(0) { $0 + $1.slice.count }
  }

  /// Bytes to the client's body.
  func reply(_ body: [UInt8]) -> Int {
    var surroundings = Surroundings.counted(now: 1_800_000_000)
    guard let reply = try? Translation.reply(body, self.context, &surroundings) else { return 0 }
    return reply.answer.body.count
  }

  func spelledRequest(_ conversation: Conversation) -> [UInt8] {
    switch self.client {
    case .messages: Array(MessagesSpelling.request(conversation).utf8)
    case .chat: Array(ChatSpelling.request(conversation).utf8)
    }
  }

  /// About 60 KB: a long text and ten calls.
  var spelledReply: [UInt8] {
    let conversation = Conversation()
    var source = SampleText(seed: 7)
    let text = source.text(7500)
    var calls: [Conversation.Call] = []
    for number in 0..<10 {
      let input = #"{"path":"a.txt","text":"\#(source.text(5000))"}"#
      calls.append(.init(id: "call_\(number)", name: conversation.tools[number].name, input: input))
    }
    switch self.upstream {
    case .messages: return Array(MessagesSpelling.reply(text, calls).utf8)
    case .chat: return Array(ChatSpelling.reply(text, calls).utf8)
    }
  }
}
