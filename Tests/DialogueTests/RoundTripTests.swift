import Dialogue
import Foundation
import Testing
import Wire

/// Random requests from one protocol to the other and back: what is said is heard, or declared as lost.
@Suite struct RoundTripTests {
  private static let count = 2000
  /// Another run: `ROUND_TRIP_SEED=7`.
  private static let seed =
    ProcessInfo.processInfo.environment["ROUND_TRIP_SEED"].flatMap(UInt64.init) ?? 20_261_121

  private struct Leg {
    let bytes: [UInt8]
    let losses: [Loss]
  }

  private func send(_ bytes: [UInt8], _ from: Dialect, _ profile: Profile) throws -> Leg {
    guard case .send(let body) = try Translation.request(try JSONDocument(bytes), from: from, to: profile)
    else { throw CancellationError() }
    return Leg(bytes: body.bytes, losses: body.losses.inOrder)
  }

  /// System texts may be joined; their words and order stay.
  private static func facts(_ bytes: [UInt8], _ dialect: Dialect, isLegacy: Bool) throws -> [Fact] {
    let all = FactReader.read(try JSONDocument(bytes).root, dialect, isLegacy: isLegacy)
    let output = all.filter { $0.kind != "system" }
    // In whichever order the members stand: what is said first, in the conversation, and about the format.
    let system = all.filter { $0.kind == "system" }.enumerated()
      .sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }.map(\.element)
    guard let first = system.first else { return output }
    let whole = system.map(\.value).joined(separator: "\n\n")
    return [Fact(kind: "system", value: whole, path: first.path)] + output
  }

  private static func rank(_ fact: Fact) -> Int {
    if fact.value == FactReader.wordsForJSON { return 2 }
    return fact.path.hasPrefix("system") ? 0 : 1
  }

  /// `messages[1]` holds `messages[1].content` and not `messages[10]`.
  private static func holds(_ outer: String, _ inner: String) -> Bool {
    guard !outer.isEmpty, inner.hasPrefix(outer) else { return false }
    return ["", ".", "["].contains(String(inner.dropFirst(outer.count).prefix(1)))
  }

  /// Nil when each fact is heard or declared, and nothing is made up without a word.
  private static func fault(_ said: [Fact], _ heard: [Fact], _ losses: [Loss]) -> String? {
    func isDeclared(_ fact: Fact) -> Bool {
      losses.contains { Self.holds($0.path, fact.path) || Self.holds(fact.path, $0.path) }
    }
    var left: [String: Int] = [:]
    for fact in heard { left[fact.key, default: 0] += 1 }
    // What is declared as lost gives way to its like.
    var isHeard = [Bool](repeating: false, count: said.count)
    for wantsDeclared in [false, true] {
      for (index, fact) in said.enumerated() where isDeclared(fact) == wantsDeclared {
        if let count = left[fact.key], count > 0 {
          left[fact.key] = count - 1
          isHeard[index] = true
        } else if !wantsDeclared {
          return "not heard: \(fact)"
        }
      }
    }
    let common = zip(said, isHeard).filter { $0.1 && $0.0.isOrdered }.map(\.0.key)
    let changed = losses.contains { $0.action != .dropped }
    for fact in heard where left[fact.key] ?? 0 > 0 {
      // Messages has no request without a limit.
      let isNeeded = fact.kind == "limit" && !said.contains { $0.kind == "limit" }
      if !changed, !isNeeded { return "made up: \(fact)" }
    }
    var order = heard.filter(\.isOrdered).map(\.key)[...]
    for key in common {
      guard let place = order.firstIndex(of: key) else { return "out of order: \(key.prefix(80))" }
      order = order[(place + 1)...]
    }
    return nil
  }

  /// What must have been in some of the requests, besides the facts that are counted.
  private static let features: [Dialect: [String]] = [
    .messages: [
      #""type":"redacted_thinking""#, #""media_type":"text/plain""#, #""role":"system""#,
      #""content":[{"type":"text""#, #""format":{"type":"json_schema""#,
      #""cache_control":{"type":"ephemeral"}},{"type":"image""#,
    ],
    .chat: [
      #""functions":["#, #""function_call":{"name""#, #""role":"function""#, #""type":"custom""#,
      #""content":null,"refusal""#, #"{"type":"refusal""#, #""type":"json_object""#, #""cache_control""#,
    ],
  ]

  @Test(arguments: [(Dialect.messages, "openai", "anthropic"), (.chat, "anthropic-4.5", "openai")])
  func whatIsSaidIsHeardOrDeclared(_ from: Dialect, _ there: String, _ back: String) throws {
    print("round trips from \(from.rawValue): \(Self.count), seed \(Self.seed)")
    var random = RandomRequest(seed: Self.seed)
    let (away, home) = (
      try #require(ProfileTable.profile(named: there)), try #require(ProfileTable.profile(named: back))
    )
    let to: Dialect = from == .messages ? .chat : .messages
    var kinds: [String: Int] = [:]
    var begun = 0
    let features = Self.features[from] ?? []
    for number in 0..<Self.count {
      let request = Array(random.make(from).utf8)
      // Generated texts hold no such words.
      let text = String(decoding: request, as: UTF8.self)
      let isLegacy = text.contains(#""functions":"#)
      for feature in features where text.contains(feature) { kinds[feature, default: 0] += 1 }
      let said = try Self.facts(request, from, isLegacy: isLegacy)
      for fact in said { kinds[fact.kind, default: 0] += 1 }
      if said.last(where: \.isOrdered)?.kind == "assistant" { begun += 1 }
      let first = try self.send(request, from, away)
      let between = try Self.facts(first.bytes, to, isLegacy: isLegacy)
      let second = try self.send(first.bytes, to, home)
      let heard = try Self.facts(second.bytes, from, isLegacy: isLegacy)
      let fault = Self.fault(said, between, first.losses) ?? Self.fault(between, heard, second.losses)
      if let fault {
        Issue.record(
          "request \(number) of seed \(Self.seed): \(fault)\n\(text)")
        return
      }
    }
    // A generator that made nothing would find nothing.
    #expect(begun > 20, "answers begun")
    for feature in features { #expect(kinds[feature] ?? 0 > 20, "\(feature)") }
    for kind in ["system", "user", "assistant", "call", "result", "image", "file", "tool", "choice", "limit"]
    {
      #expect(kinds[kind] ?? 0 > 100, "\(kind)")
    }
  }

  /// The checks above can fail.
  @Test func aMissingFactIsSeen() throws {
    let text =
      #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#
    let said = try Self.facts(Array(text.utf8), .messages, isLegacy: false)
    #expect(Self.fault(said, said, []) == nil)
    #expect(Self.fault(said, Array(said.dropLast()), []) != nil)
    #expect(Self.fault(Array(said.dropLast()), said, []) != nil)
    #expect(Self.fault(said, said.reversed(), []) != nil)
  }
}
