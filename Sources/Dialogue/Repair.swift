import Wire

/// Makes a dialogue one that every upstream accepts: each call has one answer right behind it, each answer has
/// its call, no id is used twice.
struct Repair {
  private let rule: IDRule
  private var used: Set<String> = []
  private var generated = 0

  static func apply(_ rule: IDRule, to dialogue: inout Dialogue) {
    var repair = Repair(rule: rule)
    dialogue.turns = repair.turns(dialogue.turns, &dialogue.losses)
  }

  private init(rule: IDRule) { self.rule = rule }

  private mutating func turns(_ source: [Turn], _ losses: inout Losses) -> [Turn] {
    var output: [Turn] = []
    var index = 0
    while index < source.count {
      var turn = source[index]
      index += 1
      guard turn.role == .assistant else {
        output.append(self.withoutResults(turn, answering: [:], &losses))
        continue
      }
      var next = index
      while next < source.count, source[next].role != .assistant { next += 1 }
      let calls = turn.calls
      guard !calls.isEmpty else {
        output.append(turn)
        continue
      }
      let following = source[index..<next]
      index = next
      let answers = Self.answers(in: following)
      var results: [ToolResult] = []
      turn.parts = turn.parts.map { part in
        guard case .call(var call) = part else { return part }
        let original = call.id
        call.id = self.unique(original)
        var result =
          answers[original]
          ?? ToolResult(
            callID: original, parts: [.text(TextPart(Text(literal: FixedText.noResult)))], isError: true,
            value: nil)
        if answers[original] == nil, let value = call.value {
          losses.add(.changed, value, because: "the call has no result; one that says so is sent")
        }
        result.callID = call.id
        result.name = call.name
        results.append(result)
        return .call(call)
      }
      output.append(turn)
      output += self.answered(following, calls, answers, results, &losses)
    }
    return output
  }

  /// The turns up to the next assistant turn, the results in front of everything else.
  private mutating func answered(
    _ following: ArraySlice<Turn>, _ calls: [ToolCall], _ answers: [String: ToolResult],
    _ results: [ToolResult], _ losses: inout Losses
  ) -> [Turn] {
    let known = Set(calls.map(\.id))
    let matched = answers.filter { id, _ in known.contains(id) }
    let lastResult = following.lastIndex { turn in turn.parts.contains { Self.result($0) != nil } }
    var output: [Turn] = []
    for (position, turn) in zip(following.indices, following) {
      var turn = self.withoutResults(turn, answering: matched, &losses)
      if turn.role == .system, let lastResult, position < lastResult { turn.isMisplaced = true }
      if !turn.isEmpty { output.append(turn) }
    }
    if output.first?.role == .user {
      output[0].results = results
    } else {
      var turn = Turn(.user, [])
      turn.results = results
      output.insert(turn, at: 0)
    }
    return output
  }

  /// Results that were moved vanish, those without a call become text.
  private func withoutResults(
    _ turn: Turn, answering matched: [String: ToolResult], _ losses: inout Losses
  ) -> Turn {
    var turn = turn
    turn.parts = turn.parts.compactMap { part in
      guard let result = Self.result(part) else { return part }
      if matched[result.callID] != nil { return nil }
      if let value = result.value {
        losses.add(.changed, value, because: "the result of a call that is not there is sent as text")
      }
      let texts = result.parts.compactMap { part -> Text? in
        if case .text(let text) = part { text.text } else { nil }
      }
      return .text(TextPart(FixedText.orphan(result.callID, Text.joined(texts, by: #"\n"#))))
    }
    return turn
  }

  private static func result(_ part: Part) -> ToolResult? {
    if case .result(let result) = part { result } else { nil }
  }

  /// Of several answers to one call the last counts.
  private static func answers(in turns: ArraySlice<Turn>) -> [String: ToolResult] {
    var answers: [String: ToolResult] = [:]
    for turn in turns {
      for case .result(let result) in turn.parts { answers[result.callID] = result }
    }
    return answers
  }

  private mutating func unique(_ id: String) -> String {
    var base = self.rule.apply(id)
    if base.isEmpty {
      base = "call_\(self.generated)"
      self.generated += 1
    }
    var candidate = base
    var number = 2
    while !self.used.insert(candidate).inserted {
      candidate = self.rule == .nineDigits ? self.rule.apply("\(id)_\(number)") : "\(base)_\(number)"
      number += 1
    }
    return candidate
  }
}
