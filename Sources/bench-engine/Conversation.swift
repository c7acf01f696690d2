/// A long conversation with tools as an agent sends it, in no protocol's words; texts are escaped already.
struct Conversation {
  struct Tool {
    let name: String
    let description: String
    /// JSON.
    let schema: String
  }

  struct Call {
    let id: String
    let name: String
    /// JSON.
    let input: String
  }

  enum Turn {
    case user(String)
    case results([(id: String, text: String)])
    case assistant(String, [Call])
  }

  let system: String
  private(set) var tools: [Tool] = []
  private(set) var turns: [Turn] = []
  /// Of the first user turn, in base64.
  let image: String?

  private var source = SampleText(seed: 42)

  /// 40 tools of about 1.2 KB and 60 turns; about 200 KB.
  init(imageBytes: Int = 0) {
    self.system = self.source.text(6000)
    self.image = imageBytes > 0 ? self.source.base64(imageBytes / 3 * 4) : nil
    for number in 0..<40 { self.addTool(number) }
    for number in 0..<15 { self.addRound(number) }
  }

  private mutating func addTool(_ number: Int) {
    var properties: [String] = []
    for _ in 0..<7 {
      let name = self.source.word(9)
      let text = self.source.text(62)
      properties.append(#""\#(name)":{"type":"string","description":"\#(text)"}"#)
    }
    let name = "tool_\(number)_\(self.source.word(6))"
    let description = self.source.text(320)
    self.tools.append(
      Tool(
        name: name, description: description,
        schema: #"{"type":"object","properties":{\#(properties.joined(separator: ","))},"required":[]}"#))
  }

  /// Four turns: a question, calls, their results, an answer.
  private mutating func addRound(_ number: Int) {
    self.turns.append(.user(self.source.text(1200)))
    var calls: [Call] = []
    for part in 0..<2 {
      let tool = self.tools[self.source.number(below: self.tools.count)]
      let input = #"{"path":"\#(self.source.word(30))","lines":[1,200],"text":"\#(self.source.text(700))"}"#
      calls.append(Call(id: "toolu_\(number)_\(part)", name: tool.name, input: input))
    }
    self.turns.append(.assistant(self.source.text(500), calls))
    var results: [(String, String)] = []
    for call in calls { results.append((call.id, self.source.text(2300))) }
    self.turns.append(.results(results))
    self.turns.append(.assistant(self.source.text(900), []))
  }
}

extension Conversation.Call {
  /// The input as the content of a JSON string.
  var escapedInput: String { Self.escaped(self.input) }

  static func escaped(_ json: String) -> String {
    var text = ""
    for scalar in json.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    return text
  }
}
