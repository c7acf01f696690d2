import Wire

/// The order of messages that templates of some servers insist on.
extension ChatCompletions.RequestWriter {
  mutating func arranged(_ instructions: inout [TextPart], _ turns: ArraySlice<Turn>) -> ArraySlice<Turn> {
    if self.row.chat.systemRole != .merged, !self.row.chat.alternatesRoles { return turns }
    var output = Array(turns)
    if self.row.chat.systemRole == .merged { output = self.merge(&instructions, into: output) }
    return (self.row.chat.alternatesRoles ? Self.alternating(output) : output)[...]
  }

  /// Where nobody but the user can give instructions, they stand in front of what the user says.
  private mutating func merge(_ instructions: inout [TextPart], into turns: [Turn]) -> [Turn] {
    var output: [Turn] = []
    for turn in turns {
      var turn = turn
      if turn.role == .system {
        turn.role = .user
        if let value = turn.value { self.reportMerged(value) }
      }
      output.append(turn)
    }
    let texts = instructions.filter { !$0.text.isBlank }
    instructions = []
    guard !texts.isEmpty else { return output }
    for text in texts { if let value = text.value { self.reportMerged(value) } }
    let whole = Text.joined(texts.map(\.text), by: #"\n\n"#)
    let parts: [Part] = [.text(TextPart(whole, cache: texts.last?.cache))]
    if let first = output.first, first.role == .user, first.results.isEmpty {
      output[0].parts = Self.joined(parts, first.parts)
    } else {
      output.insert(Turn(.user, parts), at: 0)
    }
    return output
  }

  /// What a client of the same protocol says of a message beside its content, unless the upstream refuses it.
  mutating func writeKept(of turn: Turn) {
    guard self.context.client == .chat, let message = turn.value else { return }
    for name in ["name", "prefix", "partial"] where name != self.row.chat.prefillMember {
      guard let value = message.member(named: name), !value.isNull else { continue }
      if self.row.chat.strippedMessageFields.contains(name) || self.row.chat.strippedFields.contains(name) {
        self.losses.drop(value, because: "the upstream refuses it")
      } else {
        self.writer.key(text: name)
        self.writer.raw(value)
      }
    }
  }

  /// A document of text is text for this protocol.
  func flattened(_ parts: [Part]) -> [Part] {
    guard parts.contains(where: { if case .document = $0 { true } else { false } }) else { return parts }
    return parts.flatMap { part -> [Part] in
      guard case .document(let document) = part else { return [part] }
      switch document.source {
      case .plain(let text):
        return [.text(TextPart(FixedText.document(document.title, text), cache: document.cache))]
      case .parts(let inner):
        guard case .text(let first)? = inner.first else {
          return [.text(TextPart(FixedText.document(document.title, nil), cache: document.cache))] + inner
        }
        let head = FixedText.document(document.title, first.text)
        return [.text(TextPart(head, cache: document.cache ?? first.cache))] + inner.dropFirst()
      case .base64, .url: return [part]
      }
    }
  }

  private mutating func reportMerged(_ value: JSONValue) {
    self.losses.add(.changed, value, because: "the upstream takes instructions from the user only")
  }

  /// Results begin messages of their own role, so a turn that has some is none in a row.
  private static func alternating(_ turns: [Turn]) -> [Turn] {
    var output: [Turn] = []
    /// The last turn of which anything will be sent.
    var spoken: Int?
    for turn in turns {
      if let last = spoken, output[last].role == turn.role, turn.role != .system, turn.results.isEmpty {
        output[last].parts = self.joined(output[last].parts, turn.parts)
      } else {
        if !self.isSilent(turn) { spoken = output.count }
        output.append(turn)
      }
    }
    return output
  }

  private static func isSilent(_ turn: Turn) -> Bool {
    turn.results.isEmpty
      && turn.parts.allSatisfy {
        switch $0 {
        case .text(let text): text.text.isEmpty
        case .reasoning: true
        case .refusal, .media, .document, .call, .result: false
        }
      }
  }

  /// Texts that meet are one, with a blank line between.
  private static func joined(_ left: [Part], _ right: [Part]) -> [Part] {
    guard case .text(let end)? = left.last, case .text(let start)? = right.first else { return left + right }
    let text = Text.joined([end.text, start.text].filter { !$0.isEmpty }, by: #"\n\n"#)
    let part = TextPart(text, cache: start.cache ?? end.cache, value: start.value)
    return left.dropLast() + [.text(part)] + right.dropFirst()
  }
}
