import Wire

extension ChatCompletions.RequestWriter {
  mutating func writeMessages() throws(Refusal) {
    self.writer.beginArray()
    var turns = self.dialogue.turns[...]
    var instructions = self.dialogue.instructions
    while let first = turns.first, first.role == .system {
      instructions += first.parts.compactMap { if case .text(let text) = $0 { text } else { nil } }
      turns = turns.dropFirst()
    }
    let sentence = self.forcedToolInstruction
    var isAskedLast = false
    if case .unforced = self.toolChoices { isAskedLast = true }
    if let sentence, !isAskedLast { instructions.append(TextPart(sentence)) }
    if case .schema(let schema, _, _, _) = self.dialogue.format?.kind, !self.row.chat.hasSchemaFormat {
      instructions.append(TextPart(FixedText.schema(schema)))
    }
    let arranged = self.arranged(&instructions, turns)
    self.writeSystem(instructions)
    for position in arranged.indices {
      switch arranged[position].role {
      case .system:
        self.writeSystem(
          arranged[position].parts.compactMap { if case .text(let text) = $0 { text } else { nil } })
      case .user: try self.writeUser(arranged[position])
      case .assistant: self.writeAssistant(arranged[position], isLast: position == arranged.endIndex - 1)
      }
    }
    if let sentence, isAskedLast { try self.writeUser(Turn(.user, [.text(TextPart(sentence))])) }
    guard self.hasMessages else {
      throw Refusal(
        "no_messages: `messages` holds nothing that can be sent.", param: "messages", code: "no_messages")
    }
    self.writer.endArray()
  }

  private mutating func role(_ name: StaticString) {
    self.hasMessages = true
    self.writer.key("role")
    self.writer.string(plain: name)
  }

  private mutating func writeSystem(_ parts: [TextPart]) {
    if parts.isEmpty { return }
    let texts = parts.filter { !$0.text.isBlank }
    guard !texts.isEmpty else { return }
    self.writer.beginObject()
    self.role(self.row.chat.systemRole == .developer ? "developer" : "system")
    self.writer.key("content")
    if self.row.chat.takesCacheControl, texts.contains(where: { $0.cache != nil }) {
      self.writer.beginArray()
      for part in texts { self.writeText(part.text, cache: part.cache) }
      self.writer.endArray()
    } else {
      for part in texts { self.dropCache(part.cache) }
      Text.joined(texts.map(\.text), by: #"\n\n"#).writeString(to: &self.writer)
    }
    self.writer.endObject()
  }

  // MARK: User turns

  private mutating func writeUser(_ turn: Turn) throws(Refusal) {
    var moved: [Part] = []
    for result in turn.results { try self.writeResult(result, &moved) }
    let parts =
      moved.isEmpty && !turn.hasEmptyText ? turn.parts : moved + turn.parts.filter { !$0.isEmptyText }
    guard !parts.isEmpty else {
      if turn.results.isEmpty, let value = turn.value {
        self.losses.drop(value, because: "a message without content cannot be sent")
      }
      return
    }
    if !turn.results.isEmpty, self.row.chat.refusesUserAfterTool {
      self.writer.beginObject()
      self.role("assistant")
      self.writer.key("content")
      self.writer.string(plain: FixedText.afterTool)
      self.writer.endObject()
    }
    self.writer.beginObject()
    self.role("user")
    self.writeKept(of: turn)
    self.writer.key("content")
    try self.writeContent(parts)
    self.writer.endObject()
  }

  private mutating func writeContent(_ source: [Part]) throws(Refusal) {
    if source.count == 1, case .text(let only)? = source.first,
      only.cache == nil || !self.row.chat.takesCacheControl
    {
      self.dropCache(only.cache)
      only.text.writeString(to: &self.writer)
      return
    }
    let parts = self.flattened(source)
    let texts = parts.compactMap { if case .text(let text) = $0 { text } else { nil } }
    let marks = self.row.chat.takesCacheControl && texts.contains { $0.cache != nil }
    if texts.count == parts.count, texts.count == 1 || self.row.chat.joinsTexts, !marks {
      for part in texts { self.dropCache(part.cache) }
      Text.joined(texts.map(\.text), by: #"\n\n"#).writeString(to: &self.writer)
      return
    }
    self.writer.beginArray()
    for part in parts { try self.writePart(part) }
    self.writer.endArray()
  }

  private mutating func writePart(_ part: Part) throws(Refusal) {
    switch part {
    case .text(let text): self.writeText(text.text, cache: text.cache)
    case .media(let media):
      try self.check(media)
      self.writer.beginObject()
      self.writer.key("type")
      self.writer.string("image_url")
      self.writer.key("image_url")
      self.writer.beginObject()
      self.writer.key("url")
      switch media.source {
      case .base64(let type, let data): self.writeDataURI(type, data)
      case .url(let url): url.writeString(to: &self.writer)
      }
      self.writer.endObject()
      self.writeCache(media.cache)
      self.writer.endObject()
    case .document(let document): try self.writeDocument(document)
    case .refusal(let text): self.writeText(text, cache: nil)
    case .call, .result, .reasoning: break
    }
  }

  /// Nothing is fetched here, so an image the upstream cannot fetch either goes nowhere (matrix B-img-1).
  private func check(_ media: Media) throws(Refusal) {
    switch media.source {
    case .url:
      if self.row.chat.takesImageURLs { return }
      throw .unsupported(media.value, "An image behind a URL cannot be sent to this upstream.")
    case .base64(let type, _):
      if self.row.chat.imageTypes.isEmpty || self.row.chat.imageTypes.contains(type) { return }
      throw .unsupported(media.value, "Images of type `\(type.quoted)` cannot be sent to this upstream.")
    }
  }

  private mutating func writeText(_ text: Text, cache: CacheMark?) {
    self.writer.beginObject()
    self.writer.key("type")
    self.writer.string("text")
    self.writer.key("text")
    text.writeString(to: &self.writer)
    self.writeCache(cache)
    self.writer.endObject()
  }

  private mutating func writeCache(_ mark: CacheMark?) {
    guard let mark, self.row.chat.takesCacheControl else { return self.dropCache(mark) }
    self.losses.dropUnknown(of: mark.value, except: ["type", "ttl"])
    self.writer.key("cache_control")
    self.writer.beginObject()
    self.writer.key("type")
    self.writer.string("ephemeral")
    if let lifetime = mark.value.present("ttl") {
      self.writer.key("ttl")
      self.writer.raw(lifetime)
    }
    self.writer.endObject()
  }

  private mutating func writeDataURI(_ type: String, _ data: Text) {
    self.writer.beginString()
    self.writer.fragment("data:")
    self.writer.escaped(type)
    self.writer.fragment(";base64,")
    data.write(to: &self.writer)
    self.writer.endString()
  }

  private mutating func writeDocument(_ document: Attachment) throws(Refusal) {
    switch document.source {
    case .plain, .parts: for part in self.flattened([.document(document)]) { try self.writePart(part) }
    case .url: throw .unsupported(document.value, "A document behind a URL cannot be sent to this upstream.")
    case .base64(let type, let data):
      guard self.row.chat.takesFiles else {
        throw .unsupported(document.value, "This upstream takes no documents of type \(type).")
      }
      self.writer.beginObject()
      self.writer.key("type")
      self.writer.string("file")
      self.writer.key("file")
      self.writer.beginObject()
      self.writer.key("filename")
      (document.title ?? Text(literal: "document.pdf")).writeString(to: &self.writer)
      self.writer.key("file_data")
      self.writeDataURI(type, data)
      self.writer.endObject()
      self.writeCache(document.cache)
      self.writer.endObject()
    }
  }

  // MARK: Tool results

  /// One message of role tool: text only, so what is not text moves to the next user message.
  private mutating func writeResult(_ result: ToolResult, _ moved: inout [Part]) throws(Refusal) {
    self.dropCache(result.cache)
    var texts: [Text] = []
    var number = 0
    for part in result.parts {
      switch part {
      case .text(let text):
        self.dropCache(text.cache)
        texts.append(text.text)
      case .document(let document):
        if case .plain(let text) = document.source {
          texts.append(FixedText.document(document.title, text))
          continue
        }
        fallthrough
      case .media:
        number += 1
        texts.append(FixedText.movedImage(number))
        moved += [.text(TextPart(FixedText.imageHead(result.callID, number))), part]
        if let value = result.value {
          self.losses.add(.changed, value, because: "what is not text follows in the next user message")
        }
      case .refusal(let text): texts.append(text)
      case .call, .result, .reasoning: break
      }
    }
    var text = Text.joined(texts, by: #"\n"#)
    if result.isError, !text.hasPrefix("error", ignoringCase: true) {
      text = Text.joined([Text(literal: "Error: "), text], by: "")
    }
    self.writer.beginObject()
    self.role("tool")
    self.writer.key("tool_call_id")
    self.writer.string(result.callID)
    if self.row.chat.namesToolMessages, let name = result.name {
      self.writer.key("name")
      self.writer.string(self.context.wireName(name))
    }
    self.writer.key("content")
    text.writeString(to: &self.writer)
    self.writer.endObject()
  }

  // MARK: Assistant turns

  private mutating func writeAssistant(_ turn: Turn, isLast: Bool) {
    var texts: [Text] = []
    var calls: [ToolCall] = []
    var thoughts: [(Text, JSONValue?)] = []
    for part in turn.parts {
      switch part {
      case .text(let text):
        self.dropCache(text.cache)
        texts.append(text.text)
      case .refusal(let text): texts.append(text)
      case .call(let call): calls.append(call)
      case .reasoning(let reasoning): self.collect(reasoning, &thoughts)
      case .media(let media): self.losses.drop(media.value, because: "an assistant message is text only")
      case .document(let document):
        self.losses.drop(document.value, because: "an assistant message is text only")
      case .result: break
      }
    }
    texts.removeAll(where: \.isEmpty)
    guard !texts.isEmpty || !calls.isEmpty else {
      if let value = turn.value {
        self.losses.drop(value, because: "nothing of this message can be sent to the upstream")
      }
      return
    }
    self.writer.beginObject()
    self.role("assistant")
    self.writer.key("content")
    if texts.isEmpty, self.row.chat.allowsNullContent {
      self.writer.null()
    } else {
      Text.joined(texts, by: "").writeString(to: &self.writer)
    }
    self.writeThoughts(thoughts, hasCalls: !calls.isEmpty)
    self.writeCalls(calls)
    self.writeKept(of: turn)
    if isLast, calls.isEmpty, let member = self.row.chat.prefillMember {
      self.writer.key(text: member)
      self.writer.bool(true)
    }
    self.writer.endObject()
  }

  /// Only what came from such an upstream goes back to it.
  private mutating func collect(_ reasoning: Reasoning, _ thoughts: inout [(Text, JSONValue?)]) {
    let envelope: Envelope?
    switch reasoning.proof {
    case .none: envelope = nil
    case .signature(let text), .sealed(let text): envelope = Envelope.open(text, self.context.envelopeKeys)
    }
    if self.row.chat.reasoningBack != .none, let envelope, envelope.isFromChat {
      thoughts.append((reasoning.text, envelope.details))
    } else if self.row.chat.reasoningBack != .none, self.context.client == .chat {
      thoughts.append((reasoning.text, reasoning.details))
    } else if let value = reasoning.value {
      self.losses.drop(value, because: "thinking goes back only to where it came from")
    }
  }

  private mutating func writeThoughts(_ thoughts: [(Text, JSONValue?)], hasCalls: Bool) {
    let text = Text.joined(thoughts.map(\.0).filter { !$0.isEmpty }, by: #"\n\n"#)
    switch self.row.chat.reasoningBack {
    case .none: return
    case .member(let name):
      let isThinking = self.wish != Effort.none
      let isMissing = text.isEmpty && self.row.chat.needsReasoningBack && hasCalls && isThinking
      guard !text.isEmpty || isMissing else { return }
      self.writer.key(text: name)
      (isMissing ? Text(literal: " ") : text).writeString(to: &self.writer)
    case .details:
      guard !thoughts.isEmpty else { return }
      if !text.isEmpty {
        self.writer.key("reasoning")
        text.writeString(to: &self.writer)
      }
      let details = thoughts.compactMap(\.1)
      guard let first = details.first else { return }
      self.writer.key("reasoning_details")
      if details.count == 1 { return self.writer.raw(first) }
      self.writer.beginArray()
      for detail in details.flatMap({ Array($0.elements) }) { self.writer.raw(detail) }
      self.writer.endArray()
    }
  }

  private mutating func writeCalls(_ calls: [ToolCall]) {
    guard !calls.isEmpty else { return }
    self.writer.key("tool_calls")
    self.writer.beginArray()
    for call in calls {
      self.dropCache(call.cache)
      self.writer.beginObject()
      self.writer.key("id")
      self.writer.string(call.id)
      self.writer.key("type")
      self.writeFunction(of: call)
      self.writeThoughtSignature(call)
      self.writer.endObject()
    }
    self.writer.endArray()
  }

  private mutating func writeFunction(of call: ToolCall) {
    var isCustom = false
    if case .free = call.arguments { isCustom = self.row.chat.hasCustomTools }
    self.writer.string(plain: isCustom ? "custom" : "function")
    self.writer.key(isCustom ? "custom" : "function")
    self.writer.beginObject()
    self.writer.key("name")
    self.writer.string(self.context.wireName(call.name))
    self.writer.key(isCustom ? "input" : "arguments")
    switch call.arguments {
    case .object(let input): self.writer.stringified(input)
    case .text(let text): text.writeString(to: &self.writer)
    case .free(let text):
      if isCustom {
        text.writeString(to: &self.writer)
      } else {
        self.writer.beginString()
        self.writer.fragment(#"{\"input\":\""#)
        text.withEscaped { self.writer.escaped($0) }
        self.writer.fragment(#"\"}"#)
        self.writer.endString()
      }
    }
    self.writer.endObject()
  }

  private mutating func writeThoughtSignature(_ call: ToolCall) {
    guard self.row.chat.needsThoughtSignature else { return }
    self.writer.key("extra_content")
    if let extra = call.extra {
      self.writer.raw(extra)
    } else {
      self.writer.value(#"{"google":{"thought_signature":"skip_thought_signature_validator"}}"#)
    }
  }
}
