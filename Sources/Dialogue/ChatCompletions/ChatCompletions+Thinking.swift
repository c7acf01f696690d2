import Wire

extension ChatCompletions.RequestWriter {
  /// What was asked for, before it is clamped (matrix A4.1); nil = nothing was said.
  var wish: Effort? {
    let wish = self.dialogue.reasoning
    if case .disabled = wish.mode?.content { return Effort.none }
    if let effort = wish.effort { return effort.content }
    switch wish.mode?.content {
    case nil: return nil
    case .disabled: return Effort.none
    case .adaptive: return .medium
    case .budget(let tokens): return tokens < 4096 ? .low : tokens < 16384 ? .medium : .high
    }
  }

  /// The level the upstream is asked for, where it takes one.
  var effort: Effort? {
    guard case .effort(let levels) = self.row.chat.reasoning else { return nil }
    return self.wish.flatMap { (self.row.chat.effortMap[$0] ?? $0).clamped(to: levels) }
  }

  mutating func writeReasoning() {
    guard let wish = self.wish else { return }
    let values = [self.dialogue.reasoning.mode?.value, self.dialogue.reasoning.effort?.value].compactMap(
      \.self)
    switch self.row.chat.reasoning {
    case .none:
      if wish == .none { return }
      for value in values { self.losses.drop(value, because: "the upstream has no reasoning to steer") }
    case .effort(let levels): self.writeEffort(wish, levels)
    case .thinking(let levels):
      self.writer.key("thinking")
      let keeps = self.row.chat.keepsThinking && !self.tools.isEmpty
      self.writer.value(
        wish == .none
          ? #"{"type":"disabled"}"#
          : keeps ? #"{"type":"enabled","clear_thinking":false}"# : #"{"type":"enabled"}"#)
      if wish != .none { self.writeEffort(wish, levels) }
    case .switched:
      self.writer.key("enable_thinking")
      self.writer.bool(wish != .none)
      guard wish != .none else { return }
      self.writer.key("thinking_budget")
      if case .budget(let tokens) = self.dialogue.reasoning.mode?.content {
        self.writer.integer(tokens)
      } else {
        self.writer.integer(wish <= .low ? 2048 : wish == .medium ? 8192 : wish == .high ? 16384 : 32768)
      }
    case .nested(let levels):
      self.writer.key("reasoning")
      self.writer.beginObject()
      self.writer.key("effort")
      let level = wish.clamped(to: levels) ?? wish
      self.writer.string(level.rawValue)
      self.writer.endObject()
      self.reportLevel(level, wish)
    }
  }

  private mutating func writeEffort(_ wish: Effort, _ levels: [Effort]) {
    guard let level = (self.row.chat.effortMap[wish] ?? wish).clamped(to: levels) else { return }
    self.writer.key("reasoning_effort")
    self.writer.string(level.rawValue)
    self.reportLevel(level, wish)
  }

  private mutating func reportLevel(_ level: Effort, _ wish: Effort) {
    let reasoning = self.dialogue.reasoning
    if level != wish, let value = reasoning.effort?.value ?? reasoning.mode?.value {
      self.losses.add(.changed, value, word: level.rawValue, because: "the upstream lists no such effort")
    }
  }
}
