import Wire

extension Messages {
  /// Decides how much an upstream of this protocol is told to think (matrix A4.3).
  struct ThinkingSettings {
    private enum Field {
      case disabled
      case budget(Int)
      case adaptive
    }

    private(set) var effort: Effort?
    private var field: Field?
    private var lost: [JSONValue] = []
    private var isChanged = false
    private let wish: ReasoningWish
    var showsReasoning = true

    var isThinking: Bool {
      switch self.field {
      case .budget, .adaptive: true
      case .disabled, nil: false
      }
    }

    init(_ dialogue: Dialogue, _ traits: MessagesTraits, limit: Int, forcesTool: Bool) {
      self.wish = dialogue.reasoning
      let values = [self.wish.mode?.value, self.wish.effort?.value].compactMap(\.self)
      guard !values.isEmpty else { return }
      switch traits.thinking {
      case .manual:
        guard let budget = Self.budget(self.wish) else {
          self.field = .disabled
          return
        }
        let most = limit / 5 * 4 + limit % 5 * 4 / 5
        let cut = min(budget, most)
        // Refused without room, with a forced tool, with a begun answer, in a tool loop that began without.
        let isBegun = dialogue.turns.last?.role == .assistant
        if cut < 1024 || forcesTool || isBegun || Self.isInOpenLoop(dialogue) {
          self.lost = values
          return
        }
        self.isChanged = cut < budget
        self.field = .budget(cut)
      case .adaptive(let levels, let canBeDisabled):
        let asked = Self.level(self.wish)
        if asked == Effort.none {
          self.field = canBeDisabled ? .disabled : nil
          self.effort = canBeDisabled ? nil : Effort.low
          self.isChanged = !canBeDisabled
          return
        }
        self.effort = asked?.clamped(to: levels)
        if let effort = self.effort, let value = self.wish.effort, value.content != effort {
          self.isChanged = true
        }
        self.field = .adaptive
      }
    }

    /// C-effort-2; nil = none at all.
    private static func budget(_ wish: ReasoningWish) -> Int? {
      switch wish.mode?.content {
      case .disabled: return nil
      case .budget(let tokens): return tokens
      case .adaptive, nil: break
      }
      switch wish.effort?.content {
      case Effort.none?: return nil
      case .minimal: return 1024
      case .low: return 2048
      case .medium, nil: return 8192
      case .high: return 16384
      case .xhigh: return 24576
      case .max: return 32768
      }
    }

    /// Nil = as the upstream thinks fit.
    private static func level(_ wish: ReasoningWish) -> Effort? {
      if case .disabled = wish.mode?.content { return Effort.none }
      if let effort = wish.effort?.content { return effort }
      if case .budget(let tokens) = wish.mode?.content {
        return tokens < 4096 ? .low : tokens < 16384 ? .medium : .high
      }
      return nil
    }

    /// The last assistant turn waits for results and does not begin with thinking.
    private static func isInOpenLoop(_ dialogue: Dialogue) -> Bool {
      guard let last = dialogue.turns.last, last.role == .user, !last.results.isEmpty else { return false }
      let calling = dialogue.turns.last { $0.role == .assistant }
      if case .reasoning(let reasoning)? = calling?.parts.first { return !reasoning.isRestored }
      return true
    }

    func write(to writer: inout JSONWriter, _ losses: inout Losses) {
      for value in self.lost { losses.drop(value, because: "thinking is not possible in this request") }
      guard let field = self.field else {
        guard self.isChanged, let value = self.wish.effort?.value ?? self.wish.mode?.value else { return }
        losses.add(.changed, value, word: Effort.low.rawValue, because: "the upstream never stops thinking")
        return
      }
      if self.isChanged, let effort = self.effort, let value = self.wish.effort?.value {
        losses.add(.changed, value, word: effort.rawValue, because: "the upstream lists no such effort")
      } else if self.isChanged, let value = self.wish.mode?.value ?? self.wish.effort?.value {
        losses.add(.changed, value, because: "thinking must leave room for the answer")
      }
      writer.key("thinking")
      writer.beginObject()
      writer.key("type")
      switch field {
      case .disabled: writer.string("disabled")
      case .budget(let tokens):
        writer.string("enabled")
        writer.key("budget_tokens")
        writer.integer(tokens)
      case .adaptive:
        writer.string("adaptive")
        writer.key("display")
        writer.string((self.wish.isShown ?? self.showsReasoning) ? "summarized" : "omitted")
      }
      writer.endObject()
    }
  }
}
