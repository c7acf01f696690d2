import Dialogue
import Wire

/// Makes legal requests of both protocols, the same ones for the same seed.
struct RandomRequest {
  private var random: SplitMix
  private var ids = 0

  init(seed: UInt64) { self.random = SplitMix(state: seed) }

  mutating func make(_ dialect: Dialect) -> String {
    self.ids = 0
    switch dialect {
    case .messages: return self.messagesRequest()
    case .chat: return self.chatRequest()
    }
  }

  // MARK: Values

  mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &self.random) }
  mutating func happens(_ percent: Int) -> Bool { self.number(below: 100) < percent }
  mutating func one<Value>(of values: [Value]) -> Value { values[self.number(below: values.count)] }

  /// The content of a JSON string that begins and ends with a letter.
  mutating func content() -> String {
    let pieces = [
      "a", "Z", "0", " ", "  ", "é", "漢", "👍", #"\n"#, #"\""#, #"\\"#, #"\t"#, #"\u00e9"#, #"\ud83d\ude00"#,
      #"\/"#,
      "</x>", "data: ", "{", "}", "]", #"\u2028"#, "%",
    ]
    let count = self.happens(3) ? 400 : self.number(below: 12)
    return "t" + (0..<count).map { _ in self.one(of: pieces) }.joined() + "e"
  }

  mutating func string() -> String { "\"\(self.content())\"" }

  mutating func value(_ depth: Int) -> String {
    switch self.number(below: depth > 2 ? 6 : 8) {
    case 0: return "null"
    case 1: return self.happens(50) ? "true" : "false"
    case 2: return self.one(of: ["0", "-1", "1.50", "1e3", "12345678901234567890", "-0.0", "2E-7"])
    case 3...5: return self.string()
    case 6:
      return "[\((0..<self.number(below: 4)).map { _ in self.value(depth + 1) }.joined(separator: ","))]"
    default: return self.object(depth + 1)
    }
  }

  mutating func object(_ depth: Int = 0) -> String {
    let members = (0..<self.number(below: 4)).map { "\"k\($0)\":\(self.value(depth))" }
    return "{\(members.joined(separator: self.happens(20) ? " , " : ","))}"
  }

  mutating func schema() -> String {
    let properties = (0..<self.number(below: 4)).map { number -> String in
      let type = self.one(of: ["string", "integer", "number", "boolean"])
      return #""p\#(number)":{"type":"\#(type)","description":\#(self.string())}"#
    }
    return
      #"{"type":"object","properties":{\#(properties.joined(separator: ","))},"required":[],"additionalProperties":false}"#
  }

  mutating func id() -> String {
    self.ids += 1
    return "call_\(self.ids)"
  }

  // MARK: Choice

  /// Two of one name cannot stand together.
  mutating func some(of options: [String]) -> [String] {
    var chosen: [String: String] = [:]
    for option in options where self.happens(25) {
      let name = String(option.prefix { $0 != ":" })
      if chosen[name] == nil { chosen[name] = option }
    }
    return chosen.values.sorted()
  }

  mutating func shuffled(_ members: [String]) -> [String] { members.shuffled(using: &self.random) }
}
