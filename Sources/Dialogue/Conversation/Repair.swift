import Wire

/// Makes a dialogue one that every upstream accepts: each call has one answer right behind it, each answer has
/// its call, no id is used twice.
struct Repair {
  private let rule: IDRule
  private var used: Set<String> = []
  private var generated = 0
  /// How far the numbers behind an id have come.
  private var numbers: [String: Int] = [:]

  static func apply(_ rule: IDRule, to dialogue: Dialogue) {
    // Most have none.
    guard dialogue.turns.contains(where: { $0.isCalling || $0.isAnswering }) else { return }
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
        output.append(self.withoutResults(turn, answering: CallIDs([]), &losses))
        continue
      }
      guard turn.isCalling else {
        output.append(turn)
        continue
      }
      // Calls in a row are answered together, so they are one turn (matrix B-C2A-2).
      while index < source.count, source[index].role == .assistant {
        turn.parts += source[index].parts
        index += 1
      }
      let calls = turn.calls
      var next = index
      while next < source.count, source[next].role != .assistant { next += 1 }
      let following = source[index..<next]
      index = next
      let answers = Self.answers(to: calls, in: following, &losses)
      var results: [ToolResult] = []
      results.reserveCapacity(calls.count)
      for place in turn.parts.indices {
        guard case .call(var call) = turn.parts[place] else { continue }
        let answer = answers[results.count]
        if answer == nil, let value = call.value {
          losses.add(.changed, value, because: "the call has no result; one that says so is sent")
        }
        var result = answer ?? Self.missing
        call.id = self.unique(call.id)
        result.callID = call.id
        result.name = call.name
        results.append(result)
        turn.parts[place] = .call(call)
      }
      output.append(turn)
      output += self.answered(following, calls, results, &losses)
    }
    return output
  }

  private static var missing: ToolResult {
    ToolResult(
      callID: "", parts: [.text(TextPart(Text(literal: FixedText.noResult)))], isError: true, value: nil)
  }

  /// The turns up to the next assistant turn, the results in front of everything else.
  private mutating func answered(
    _ following: ArraySlice<Turn>, _ calls: [ToolCall], _ results: [ToolResult], _ losses: inout Losses
  ) -> [Turn] {
    let ids = CallIDs(calls)
    let lastResult = following.lastIndex { $0.isAnswering }
    var output: [Turn] = []
    for (position, turn) in zip(following.indices, following) {
      var turn = self.withoutResults(turn, answering: ids, &losses)
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

  /// Results that were moved vanish, those without a call become text and whatever else they hold.
  private func withoutResults(_ turn: Turn, answering ids: CallIDs, _ losses: inout Losses) -> Turn {
    guard turn.isAnswering else { return turn }
    var kept: [Part] = []
    for part in turn.parts {
      guard case .result(let result) = part else {
        kept.append(part)
        continue
      }
      if ids.contains(result.callID) { continue }
      if let value = result.value {
        losses.add(.changed, value, because: "the result of a call that is not there is sent as text")
      }
      var texts: [Text] = []
      var others: [Part] = []
      for part in result.parts {
        if case .text(let text) = part { texts.append(text.text) } else { others.append(part) }
      }
      let text = FixedText.orphan(result.callID, Text.joined(texts, by: #"\n"#))
      kept.append(.text(TextPart(text)))
      kept += others
    }
    var turn = turn
    turn.parts = kept
    return turn
  }

  /// The answer to each call. Several answers to one call: the last counts. Several calls of one id: each
  /// answer belongs to its turn in order, too few of them to the calls nearest to them (matrix B-id-2).
  private static func answers(
    to calls: [ToolCall], in turns: ArraySlice<Turn>, _ losses: inout Losses
  ) -> [ToolResult?] {
    if CallIDs.areFewAndDistinct(calls) { return calls.map { self.answer(to: $0, in: turns, &losses) } }
    var found: [String: [ToolResult]] = [:]
    for turn in turns {
      for case .result(let result) in turn.parts { found[result.callID, default: []].append(result) }
    }
    var open: [String: Int] = [:]
    for call in calls { open[call.id, default: 0] += 1 }
    var taken: [String: Int] = [:]
    var answers: [ToolResult?] = []
    for call in calls {
      let left = open[call.id] ?? 0
      open[call.id] = left - 1
      let start = taken[call.id] ?? 0
      guard let results = found[call.id], results.count - start >= left, start < results.count else {
        answers.append(nil)
        continue
      }
      // The last call takes whatever is left.
      let end = left == 1 ? results.count : start + 1
      for result in results[start..<(end - 1)] { self.drop(result, &losses) }
      answers.append(results[end - 1])
      taken[call.id] = end
    }
    return answers
  }

  /// To a call whose id is its own.
  private static func answer(
    to call: ToolCall, in turns: ArraySlice<Turn>, _ losses: inout Losses
  ) -> ToolResult? {
    var answer: ToolResult?
    for turn in turns {
      for case .result(let result) in turn.parts where result.callID == call.id {
        if let answer { self.drop(answer, &losses) }
        answer = result
      }
    }
    return answer
  }

  private static func drop(_ result: ToolResult, _ losses: inout Losses) {
    if let value = result.value { losses.drop(value, because: "a later result of the same call counts") }
  }

  private mutating func unique(_ id: String) -> String {
    var base = self.rule.apply(id)
    if base.isEmpty {
      self.generated += 1
      base = self.rule.generated(self.generated)
    }
    var candidate = base
    var number = self.numbers[base] ?? 2
    while !self.used.insert(candidate).inserted {
      candidate = self.rule == .nineDigits ? self.rule.apply("\(id)_\(number)") : "\(base)_\(number)"
      number += 1
    }
    if number > 2 { self.numbers[base] = number }
    return candidate
  }
}

/// The ids of a turn's calls; most turns have few, which are compared faster than hashed.
private struct CallIDs {
  private static let few = 8

  private let calls: [ToolCall]
  private let all: Set<String>

  init(_ calls: [ToolCall]) {
    self.calls = calls
    self.all = calls.count > Self.few ? Set(calls.map(\.id)) : []
  }

  func contains(_ id: String) -> Bool {
    self.calls.count > Self.few ? self.all.contains(id) : self.calls.contains { $0.id == id }
  }

  static func areFewAndDistinct(_ calls: [ToolCall]) -> Bool {
    guard calls.count <= self.few else { return false }
    return calls.indices.allSatisfy { index in
      !calls[(index + 1)...].contains { $0.id == calls[index].id }
    }
  }
}
