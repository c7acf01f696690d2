import Wire

extension Messages.RequestWriter {
  /// Brings the turns into the order the protocol demands (matrix B1): user first, sides alternating,
  /// instructions where they are legal, nothing empty.
  mutating func arrangeTurns() {
    self.instructions = self.dialogue.instructions
    var turns: [Turn] = []
    for turn in self.dialogue.turns { turns.append(self.withoutBlanks(turn)) }
    turns = Self.merged(turns.filter { !$0.isEmpty })
    turns = Self.merged(self.hoisted(turns))
    self.addForcedToolInstruction()
    if turns.first?.role != .user {
      turns.insert(Turn(.user, [.text(TextPart(Text(literal: FixedText.firstUser)))]), at: 0)
    }
    if let last = turns.last, last.role == .assistant {
      if self.row.messages.takesPrefill {
        turns[turns.count - 1] = Self.trimmed(last)
      } else {
        turns.append(Turn(.user, [.text(TextPart(Text(literal: FixedText.goOn)))]))
        if let value = last.value {
          self.losses.add(
            .changed, value, because: "the upstream does not go on with a begun answer; it is asked to")
        }
      }
    }
    self.dialogue.turns = turns
  }

  /// Empty and blank texts are refused by the upstream.
  private mutating func withoutBlanks(_ turn: Turn) -> Turn {
    var turn = turn
    turn.parts = turn.parts.compactMap { part in
      switch part {
      case .text(let text): text.text.isBlank ? nil : part
      case .refusal(let text): text.isBlank ? nil : .text(TextPart(text))
      case .reasoning(let reasoning): self.isReturned(reasoning) ? part : nil
      case .media(let media): self.isHeard(media.value, in: turn.role) ? part : nil
      case .document(let document): self.isHeard(document.value, in: turn.role) ? part : nil
      case .call, .result: part
      }
    }
    return turn
  }

  /// The upstream's assistant turns are text and calls.
  private mutating func isHeard(_ value: JSONValue, in role: Role) -> Bool {
    if role == .assistant { self.losses.drop(value, because: "an assistant message is text only") }
    return role != .assistant
  }

  /// Thinking of other upstreams never reaches this one, and its own comes back with its proof only.
  private mutating func isReturned(_ reasoning: Reasoning) -> Bool {
    if reasoning.isRestored { return true }
    if let value = reasoning.value {
      self.losses.drop(value, because: "thinking goes back only to where it came from")
    }
    return false
  }

  private static func merged(_ turns: [Turn]) -> [Turn] {
    var output: [Turn] = []
    for turn in turns {
      // Results must stand in front, so a turn that has some begins a new one.
      if output.last?.role == turn.role, turn.results.isEmpty {
        output[output.count - 1].parts += turn.parts
        if turn.isMisplaced { output[output.count - 1].isMisplaced = true }
      } else {
        output.append(turn)
      }
    }
    return output
  }

  private mutating func hoisted(_ turns: [Turn]) -> [Turn] {
    var output: [Turn] = []
    for (index, turn) in turns.enumerated() {
      guard turn.role == .system else {
        output.append(turn)
        continue
      }
      let followsUser = output.last?.role == .user
      let isFollowedWell = index == turns.count - 1 || turns[index + 1].role == .assistant
      if self.row.messages.takesSystemTurns, followsUser, isFollowedWell, !turn.isMisplaced {
        output.append(turn)
        continue
      }
      self.instructions += turn.parts.compactMap { if case .text(let text) = $0 { text } else { nil } }
      if !output.isEmpty, let value = turn.value {
        self.losses.add(
          .changed, value, because: "an instruction between messages moves to the system prompt")
      }
    }
    return output
  }

  private static func trimmed(_ turn: Turn) -> Turn {
    guard case .text(var text)? = turn.parts.last else { return turn }
    var turn = turn
    text.text = text.text.trimmingTrailingBlanks()
    turn.parts[turn.parts.count - 1] = .text(text)
    return turn
  }

  // MARK: Writing

  mutating func writeMessages() throws(Refusal) {
    self.writer.beginArray()
    for turn in self.dialogue.turns {
      self.writer.beginObject()
      self.writer.key("role")
      switch turn.role {
      case .user: self.writer.string("user")
      case .assistant: self.writer.string("assistant")
      case .system: self.writer.string("system")
      }
      self.writer.key("content")
      try self.writeContent(turn)
      self.writer.endObject()
    }
    self.writer.endArray()
  }

  private mutating func writeContent(_ turn: Turn) throws(Refusal) {
    if turn.results.isEmpty, turn.parts.count == 1, case .text(let text)? = turn.parts.first,
      text.cache == nil
    {
      text.text.writeString(to: &self.writer)
      return
    }
    self.writer.beginArray()
    for result in turn.results { try self.writeResult(result) }
    for part in turn.parts { try self.writePart(part) }
    self.writer.endArray()
  }

  private mutating func writePart(_ part: Part) throws(Refusal) {
    switch part {
    case .text(let text): self.writeText(text.text, cache: text.cache)
    case .refusal(let text): self.writeText(text, cache: nil)
    case .media(let media): try self.writeImage(media)
    case .document(let document): try self.writeDocument(document)
    case .call(let call): self.writeCall(call)
    case .reasoning(let reasoning): if let value = reasoning.value { self.writer.raw(value) }
    case .result: break
    }
  }

  mutating func writeText(_ text: Text, cache: CacheMark?) {
    self.writer.beginObject()
    self.writer.key("type")
    self.writer.string("text")
    self.writer.key("text")
    text.writeString(to: &self.writer)
    if let cache { self.writeMark(cache) }
    self.writer.endObject()
  }

  private mutating func writeImage(_ media: Media) throws(Refusal) {
    self.writer.beginObject()
    self.writer.key("type")
    self.writer.string("image")
    self.writer.key("source")
    self.writer.beginObject()
    self.writer.key("type")
    switch media.source {
    case .url(let url):
      self.writer.string("url")
      self.writer.key("url")
      url.writeString(to: &self.writer)
    case .base64(let type, let data):
      let accepted = type == "image/jpg" ? "image/jpeg" : type
      guard ["image/jpeg", "image/png", "image/gif", "image/webp"].contains(accepted) else {
        throw .unsupported(media.value, "Images of type `\(type.quoted)` cannot be sent to this upstream.")
      }
      self.writeBase64(accepted, data)
    }
    self.writer.endObject()
    if let cache = media.cache { self.writeMark(cache) }
    self.writer.endObject()
  }

  private mutating func writeBase64(_ type: String, _ data: Text) {
    self.writer.string("base64")
    self.writer.key("media_type")
    self.writer.string(type)
    self.writer.key("data")
    data.writeString(to: &self.writer)
  }

  private mutating func writeDocument(_ document: Attachment) throws(Refusal) {
    self.writer.beginObject()
    self.writer.key("type")
    self.writer.string("document")
    self.writer.key("source")
    self.writer.beginObject()
    self.writer.key("type")
    switch document.source {
    case .base64(let type, let data): self.writeBase64(type, data)
    case .plain(let text):
      self.writer.string("text")
      self.writer.key("media_type")
      self.writer.string("text/plain")
      self.writer.key("data")
      text.writeString(to: &self.writer)
    case .url(let url):
      self.writer.string("url")
      self.writer.key("url")
      url.writeString(to: &self.writer)
    case .parts(let parts):
      self.writer.string("content")
      self.writer.key("content")
      self.writer.beginArray()
      for part in parts { try self.writePart(part) }
      self.writer.endArray()
    }
    self.writer.endObject()
    if let title = document.title {
      self.writer.key("title")
      title.writeString(to: &self.writer)
    }
    if let cache = document.cache { self.writeMark(cache) }
    self.writer.endObject()
  }

  private mutating func writeCall(_ call: ToolCall) {
    self.writer.beginObject()
    self.writer.key("type")
    self.writer.string("tool_use")
    self.writer.key("id")
    self.writer.string(call.id)
    self.writer.key("name")
    self.writer.string(self.context.wireName(call.name))
    self.writer.key("input")
    call.arguments.writeObject(to: &self.writer, &self.scratch)
    if let cache = call.cache { self.writeMark(cache) }
    self.writer.endObject()
  }

  private mutating func writeResult(_ result: ToolResult) throws(Refusal) {
    self.writer.beginObject()
    self.writer.key("type")
    self.writer.string("tool_result")
    self.writer.key("tool_use_id")
    self.writer.string(result.callID)
    if result.isError {
      self.writer.key("is_error")
      self.writer.bool(true)
    }
    let parts = result.parts.filter { if case .text(let text) = $0 { !text.text.isBlank } else { true } }
    if parts.count == 1, case .text(let text)? = parts.first, text.cache == nil {
      self.writer.key("content")
      text.text.writeString(to: &self.writer)
    } else if !parts.isEmpty {
      self.writer.key("content")
      self.writer.beginArray()
      for part in parts { try self.writePart(part) }
      self.writer.endArray()
    }
    if let cache = result.cache { self.writeMark(cache) }
    self.writer.endObject()
  }

  // MARK: Cache marks

  /// Four marks are allowed in all; the last ones win (matrix C-cache-1).
  mutating func dropSurplusMarks() {
    self.instructions.removeAll(where: \.text.isBlank)
    var surplus = self.markCount - 4
    if surplus <= 0 { return }
    var dropped: [JSONValue] = []
    self.eachMark { mark in
      guard surplus > 0, let value = mark?.value else { return }
      surplus -= 1
      dropped.append(value)
      mark = nil
    }
    for value in dropped { self.losses.drop(value, because: "the upstream takes four cache marks") }
  }

  private var markCount: Int {
    var count = self.dialogue.cache == nil ? 0 : 1
    for tool in self.tools where tool.cache != nil { count += 1 }
    for part in self.instructions where part.cache != nil { count += 1 }
    for turn in self.dialogue.turns {
      for part in turn.parts where part.hasMark { count += 1 }
      for result in turn.results {
        for part in result.parts where part.hasMark { count += 1 }
        if result.cache != nil { count += 1 }
      }
    }
    return count
  }

  /// In the order the upstream reads them.
  private mutating func eachMark(_ body: (inout CacheMark?) -> Void) {
    for index in self.tools.indices { body(&self.tools[index].cache) }
    for index in self.instructions.indices { body(&self.instructions[index].cache) }
    for turn in self.dialogue.turns.indices {
      for index in self.dialogue.turns[turn].results.indices {
        for part in self.dialogue.turns[turn].results[index].parts.indices {
          self.dialogue.turns[turn].results[index].parts[part].visitMark(body)
        }
        body(&self.dialogue.turns[turn].results[index].cache)
      }
      for part in self.dialogue.turns[turn].parts.indices {
        self.dialogue.turns[turn].parts[part].visitMark(body)
      }
    }
  }

  mutating func writeMark(_ mark: CacheMark) {
    self.writer.key("cache_control")
    self.writer.value(mark.isLong ? #"{"type":"ephemeral","ttl":"1h"}"# : #"{"type":"ephemeral"}"#)
  }
}

extension Part {
  fileprivate var hasMark: Bool {
    switch self {
    case .text(let text): text.cache != nil
    case .media(let media): media.cache != nil
    case .document(let document): document.cache != nil
    case .call, .result, .reasoning, .refusal: false
    }
  }

  fileprivate mutating func visitMark(_ body: (inout CacheMark?) -> Void) {
    switch self {
    case .text(var text):
      if text.cache == nil { return }
      body(&text.cache)
      self = .text(text)
    case .media(var media):
      if media.cache == nil { return }
      body(&media.cache)
      self = .media(media)
    case .document(var document):
      if document.cache == nil { return }
      body(&document.cache)
      self = .document(document)
    case .call, .result, .reasoning, .refusal: break
    }
  }
}

extension Arguments {
  /// Matrix B-C2A-5: an object as it is, nothing as an empty object, anything else as text inside one.
  func writeObject(to writer: inout JSONWriter, _ scratch: inout JSONScratch) {
    switch self {
    case .object(let value): writer.raw(value)
    case .free(let text):
      writer.beginObject()
      writer.key("input")
      text.writeString(to: &writer)
      writer.endObject()
    case .text(let text):
      if text.isBlank {
        writer.value("{}")
        return
      }
      var isObject = false
      text.withEscaped { isObject = writer.object(spelledBy: $0, tape: &scratch) }
      if isObject { return }
      writer.beginObject()
      writer.key("_raw_arguments")
      text.writeString(to: &writer)
      writer.endObject()
    }
  }
}
