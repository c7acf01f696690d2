internal import Wire

/// Which of the two protocols is spoken.
internal enum DemoSpeaker: Sendable {
  case messages
  case chat

  init(path: String) {
    self = path.hasPrefix("/v1/messages") ? .messages : .chat
  }
}

/// What the demo wants to know of a request in either protocol.
internal struct DemoRequest: Sendable {
  let speaker: DemoSpeaker
  let model: String
  let isStreamed: Bool
  /// Chat: whether the stream ends with the usage.
  let includesUsage: Bool
  let tokenLimit: Int?
  let inputTokens: Int
  let wishes: DemoWishes
  /// The text of a tool's result, if the conversation ends with one.
  let toolResult: String?
  let toolName: String
  /// The arguments of the call as JSON text.
  let toolArguments: String

  /// Refuses the least that the real ones refuse.
  init(_ body: [UInt8], speaker: DemoSpeaker, countsOnly: Bool) throws(DemoFailure) {
    let document: JSONDocument
    do {
      document = try JSONDocument(body)
    } catch {
      throw DemoFailure(400, "The request body is not valid JSON: \(error).")
    }
    let root = document.root
    guard root.kind == .object else { throw DemoFailure(400, "The request body is not a JSON object.") }
    guard let model = root["model"]?.string, !model.isEmpty else { throw DemoFailure(missing: "model") }
    let messages = try Self.messages(of: root)

    self.speaker = speaker
    self.model = model
    self.isStreamed = root["stream"]?.bool ?? false
    self.includesUsage = root["stream_options"]?["include_usage"]?.bool ?? false
    self.inputTokens = body.count / 4 + 1
    let limit = root["max_completion_tokens"]?.integer ?? root["max_tokens"]?.integer
    if speaker == .messages && !countsOnly && limit == nil { throw DemoFailure(missing: "max_tokens") }
    if let limit, limit < 1 { throw DemoFailure(400, "max_tokens is less than 1.", parameter: "max_tokens") }
    self.tokenLimit = limit

    let last = messages.last
    self.toolResult = last.flatMap(Self.toolResult)
    // What was wished for before a tool was called has been granted when its result comes back.
    let isGranted = self.toolResult != nil && last?["role"]?.matches("user") != true
    let asked = isGranted ? nil : messages.last { $0["role"]?.matches("user") == true }
    self.wishes = DemoWishes(in: asked.map(Self.text) ?? "")
    (self.toolName, self.toolArguments) = DemoTool.call(offeredIn: root, speaker: speaker)
  }

  private static func messages(of root: JSONValue) throws(DemoFailure) -> [JSONValue] {
    guard let list = root["messages"] else { throw DemoFailure(missing: "messages") }
    guard list.kind == .array else {
      throw DemoFailure(400, "messages is \(list.kind.words), not an array.", parameter: "messages")
    }
    let messages = Array(list.elements)
    if messages.isEmpty { throw DemoFailure(400, "messages is empty.", parameter: "messages") }
    for message in messages where message["role"]?.string == nil {
      throw DemoFailure(400, "A message has no role.", parameter: message.path)
    }
    return messages
  }

  /// The text of a message or a tool's result: a string, or text blocks one after the other.
  private static func text(of value: JSONValue) -> String {
    guard let content = value["content"] else { return "" }
    if let text = content.string { return text }
    return content.elements.compactMap { $0["text"]?.string }.joined(separator: " ")
  }

  private static func toolResult(of message: JSONValue) -> String? {
    if message["role"]?.matches("tool") == true { return self.text(of: message) }
    for block in message["content"]?.elements.reversed() ?? []
    where block["type"]?.matches("tool_result") == true {
      return self.text(of: block)
    }
    return nil
  }
}
