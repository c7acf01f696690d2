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

  private mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &self.random) }
  private mutating func happens(_ percent: Int) -> Bool { self.number(below: 100) < percent }
  private mutating func one<Value>(of values: [Value]) -> Value { values[self.number(below: values.count)] }

  /// The content of a JSON string that begins and ends with a letter.
  private mutating func content() -> String {
    let pieces = [
      "a", "Z", "0", " ", "  ", "é", "漢", "👍", #"\n"#, #"\""#, #"\\"#, #"\t"#, #"\u00e9"#, #"\ud83d\ude00"#,
      #"\/"#,
      "</x>", "data: ", "{", "}", "]", #"\u2028"#, "%",
    ]
    let count = self.happens(3) ? 400 : self.number(below: 12)
    return "t" + (0..<count).map { _ in self.one(of: pieces) }.joined() + "e"
  }

  private mutating func string() -> String { "\"\(self.content())\"" }

  private mutating func value(_ depth: Int) -> String {
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

  private mutating func object(_ depth: Int = 0) -> String {
    let members = (0..<self.number(below: 4)).map { "\"k\($0)\":\(self.value(depth))" }
    return "{\(members.joined(separator: self.happens(20) ? " , " : ","))}"
  }

  private mutating func schema() -> String {
    let properties = (0..<self.number(below: 4)).map { number -> String in
      let type = self.one(of: ["string", "integer", "number", "boolean"])
      return #""p\#(number)":{"type":"\#(type)","description":\#(self.string())}"#
    }
    return
      #"{"type":"object","properties":{\#(properties.joined(separator: ","))},"required":[],"additionalProperties":false}"#
  }

  private mutating func id() -> String {
    self.ids += 1
    return "call_\(self.ids)"
  }

  // MARK: Messages

  private mutating func messagesRequest() -> String {
    var members = [#""model":"m""#, #""max_tokens":\#(1 + self.number(below: 9000))"#]
    if self.happens(60) {
      members.append(
        #""system":"# + (self.happens(50) ? self.string() : "[\(self.blocks(1 + self.number(below: 3)))]"))
    }
    let names = (0..<self.number(below: 4)).map { "tool_\($0)" }
    if !names.isEmpty {
      let tools = names.map { name -> String in
        let extra =
          (self.happens(60) ? #","description":\#(self.string())"# : "")
          + (self.happens(20) ? #","strict":true"# : "")
          + (self.happens(20) ? #","cache_control":{"type":"ephemeral"}"# : "")
        return #"{"name":"\#(name)","input_schema":\#(self.schema())\#(extra)}"#
      }
      members.append(#""tools":[\#(tools.joined(separator: ","))]"#)
      if self.happens(50) { members.append(#""tool_choice":\#(self.messagesChoice(names))"#) }
    }
    members.append(#""messages":[\#(self.messagesTurns(names).joined(separator: ","))]"#)
    let options = [
      #""temperature":0.25"#, #""top_p":0.5"#, #""top_k":5"#, #""stream":true"#,
      #""service_tier":"standard_only""#,
      #""metadata":{"user_id":"someone"}"#, #""stop_sequences":["END","\n\n"]"#,
      #""thinking":{"type":"enabled","budget_tokens":2048}"#, #""output_config":{"effort":"high"}"#,
      #""cache_control":{"type":"ephemeral"}"#, #""speed":"fast""#,
      #""output_config":{"format":{"type":"json_schema","schema":\#(self.schema())}}"#,
    ]
    members += self.some(of: options)
    return "{\(self.shuffled(members).joined(separator: ","))}"
  }

  private mutating func messagesChoice(_ names: [String]) -> String {
    let parallel = self.happens(30) ? #","disable_parallel_tool_use":true"# : ""
    switch self.number(below: 4) {
    case 0: return #"{"type":"auto"\#(parallel)}"#
    case 1: return #"{"type":"any"\#(parallel)}"#
    case 2: return #"{"type":"tool","name":"\#(self.one(of: names))"\#(parallel)}"#
    default: return #"{"type":"none"}"#
    }
  }

  private mutating func blocks(_ count: Int) -> String {
    (0..<count).map { _ in
      #"{"type":"text","text":\#(self.string())\#(self.happens(15) ? #","cache_control":{"type":"ephemeral"}"# : "")}"#
    }.joined(separator: ",")
  }

  private mutating func userBlock() -> String {
    switch self.number(below: 8) {
    case 0: return #"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}"#
    case 1:
      return #"{"type":"image","source":{"type":"url","url":"https://e.x/\#(self.number(below: 99)).png"}}"#
    case 2:
      return
        #"{"type":"document","title":\#(self.string()),"source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}"#
    default: return self.blocks(1)
    }
  }

  private mutating func messagesTurns(_ names: [String]) -> [String] {
    var turns: [String] = []
    var open: [String] = []
    for _ in 0..<(1 + self.number(below: 5)) {
      var blocks = open.map { id -> String in
        let content =
          self.happens(50)
          ? self.string() : "[\(self.blocks(1 + self.number(below: 3)))]"
        let flag = self.happens(20) ? #","is_error":true"# : ""
        return #"{"type":"tool_result","tool_use_id":"\#(id)","content":\#(content)\#(flag)}"#
      }
      open = []
      if blocks.isEmpty || self.happens(30) {
        blocks += (0..<(1 + self.number(below: 3))).map { _ in self.userBlock() }
      }
      turns.append(
        #"{"role":"user","content":\#(turns.isEmpty && self.happens(40) ? self.string() : "[\(blocks.joined(separator: ","))]")}"#
      )
      var answer: [String] = []
      if self.happens(20) {
        answer.append(#"{"type":"thinking","thinking":\#(self.string()),"signature":"c2ln"}"#)
      }
      if self.happens(70) { answer.append(self.blocks(1)) }
      if !names.isEmpty {
        for _ in 0..<self.number(below: 3) {
          open.append(self.id())
          answer.append(
            #"{"type":"tool_use","id":"\#(open.last ?? "")","name":"\#(self.one(of: names))","input":\#(self.object())}"#
          )
        }
      }
      if answer.count(where: { !$0.contains("thinking") }) == 0 { answer.append(self.blocks(1)) }
      turns.append(#"{"role":"assistant","content":[\#(answer.joined(separator: ","))]}"#)
    }
    // The last word is the user's.
    if open.isEmpty {
      turns.append(#"{"role":"user","content":\#(self.string())}"#)
    } else {
      let results = open.map { #"{"type":"tool_result","tool_use_id":"\#($0)","content":\#(self.string())}"# }
      turns.append(#"{"role":"user","content":[\#(results.joined(separator: ","))]}"#)
    }
    return turns
  }

  // MARK: Chat Completions

  private mutating func chatRequest() -> String {
    var members = [#""model":"m""#]
    if self.happens(70) {
      members.append(
        #""\#(self.happens(50) ? "max_tokens" : "max_completion_tokens")":\#(2000 + self.number(below: 9000))"#
      )
    }
    let names = (0..<self.number(below: 4)).map { "tool_\($0)" }
    if !names.isEmpty {
      let tools = names.map { name -> String in
        let extra =
          (self.happens(60) ? #","description":\#(self.string())"# : "")
          + (self.happens(20) ? #","strict":true"# : "")
        return
          #"{"type":"function","function":{"name":"\#(name)","parameters":\#(self.schema())\#(extra)}}"#
      }
      members.append(#""tools":[\#(tools.joined(separator: ","))]"#)
      if self.happens(50) {
        let named = #"{"type":"function","function":{"name":"\#(self.one(of: names))"}}"#
        members.append(#""tool_choice":\#(self.one(of: [#""auto""#, #""none""#, #""required""#, named]))"#)
      }
      if self.happens(20) { members.append(#""parallel_tool_calls":false"#) }
    }
    members.append(#""messages":[\#(self.chatMessages(names).joined(separator: ","))]"#)
    let options = [
      #""temperature":0.75"#, #""top_p":0.5"#, #""stream":true"#, #""stop":["END","\n\n"]"#, #""stop":"END""#,
      #""seed":4"#, #""frequency_penalty":0.5"#, #""logprobs":true"#, #""user":"someone""#,
      #""verbosity":"low""#,
      #""safety_identifier":"someone""#, #""reasoning_effort":"low""#, #""metadata":{"a":"b"}"#,
      #""service_tier":"default""#, #""prompt_cache_key":"k""#, #""store":true"#,
      #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":\#(self.schema()),"strict":true}}"#,
    ]
    members += self.some(of: options)
    return "{\(self.shuffled(members).joined(separator: ","))}"
  }

  private mutating func chatPart() -> String {
    switch self.number(below: 8) {
    case 0: return #"{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}"#
    case 1: return #"{"type":"image_url","image_url":{"url":"https://e.x/\#(self.number(below: 99)).png"}}"#
    case 2:
      return
        #"{"type":"file","file":{"filename":\#(self.string()),"file_data":"data:application/pdf;base64,JVBE"}}"#
    default: return #"{"type":"text","text":\#(self.string())}"#
    }
  }

  private mutating func chatMessages(_ names: [String]) -> [String] {
    var messages: [String] = []
    if self.happens(60) {
      messages.append(
        #"{"role":"\#(self.happens(70) ? "system" : "developer")","content":\#(self.string())}"#)
    }
    for _ in 0..<(1 + self.number(below: 5)) {
      for _ in 0..<(1 + self.number(below: 2)) {
        let parts = (0..<(1 + self.number(below: 3))).map { _ in self.chatPart() }
        messages.append(
          #"{"role":"user","content":\#(self.happens(50) ? self.string() : "[\(parts.joined(separator: ","))]")}"#
        )
      }
      if self.happens(10) { messages.append(#"{"role":"system","content":\#(self.string())}"#) }
      var calls: [String] = []
      var ids: [String] = []
      if !names.isEmpty {
        for _ in 0..<self.number(below: 3) {
          ids.append(self.id())
          var text: [UInt8] = []
          JSONText.escape(Array(self.object().utf8).span, to: &text)
          calls.append(
            #"{"id":"\#(ids.last ?? "")","type":"function","function":{"name":"\#(self.one(of: names))","arguments":"\#(String(decoding: text, as: UTF8.self))"}}"#
          )
        }
      }
      let content = calls.isEmpty || self.happens(50) ? self.string() : "null"
      let list = calls.isEmpty ? "" : #","tool_calls":[\#(calls.joined(separator: ","))]"#
      messages.append(#"{"role":"assistant","content":\#(content)\#(list)}"#)
      messages += ids.map { #"{"role":"tool","tool_call_id":"\#($0)","content":\#(self.string())}"# }
    }
    messages.append(#"{"role":"user","content":\#(self.string())}"#)
    return messages
  }

  // MARK: Choice

  /// Two of one name cannot stand together.
  private mutating func some(of options: [String]) -> [String] {
    var chosen: [String: String] = [:]
    for option in options where self.happens(25) {
      let name = String(option.prefix { $0 != ":" })
      if chosen[name] == nil { chosen[name] = option }
    }
    return chosen.values.sorted()
  }

  private mutating func shuffled(_ members: [String]) -> [String] { members.shuffled(using: &self.random) }
}
