extension RandomRequest {
  mutating func messagesRequest() -> String {
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
          + self.mark(20)
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

  /// A wish to cache, now and then.
  private mutating func mark(_ percent: Int = 15) -> String {
    self.happens(percent) ? #","cache_control":{"type":"ephemeral"}"# : ""
  }

  private mutating func blocks(_ count: Int) -> String {
    (0..<count).map { _ in #"{"type":"text","text":\#(self.string())\#(self.mark())}"# }.joined(
      separator: ",")
  }

  private mutating func image() -> String {
    let source =
      self.happens(50)
      ? #"{"type":"base64","media_type":"image/png","data":"AA=="}"#
      : #"{"type":"url","url":"https://e.x/\#(self.number(below: 99)).png"}"#
    return #"{"type":"image","source":\#(source)\#(self.mark())}"#
  }

  private mutating func userBlock() -> String {
    switch self.number(below: 8) {
    case 0, 1: return self.image()
    case 2:
      return
        #"{"type":"document","title":\#(self.string()),"source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}\#(self.mark())}"#
    case 3:
      let title = self.happens(50) ? #""title":\#(self.string()),"# : ""
      return
        #"{"type":"document",\#(title)"source":{"type":"text","media_type":"text/plain","data":\#(self.string())}\#(self.mark())}"#
    default: return self.blocks(1)
    }
  }

  private mutating func result(_ id: String) -> String {
    let content: String
    switch self.number(below: 8) {
    case 0: content = ""
    case 1...3: content = #","content":\#(self.string())"#
    case 4:
      let images = (0..<(1 + self.number(below: 2))).map { _ in self.image() }
      content = #","content":[\#(([self.blocks(1)] + images).joined(separator: ","))]"#
    default: content = #","content":[\#(self.blocks(1 + self.number(below: 3)))]"#
    }
    let flag = self.happens(20) ? #","is_error":true"# : ""
    return #"{"type":"tool_result","tool_use_id":"\#(id)"\#(content)\#(flag)\#(self.mark())}"#
  }

  private mutating func messagesTurns(_ names: [String]) -> [String] {
    var turns: [String] = []
    var open: [String] = []
    for _ in 0..<(1 + self.number(below: 5)) {
      var blocks = open.map { self.result($0) }
      open = []
      if blocks.isEmpty || self.happens(30) {
        blocks += (0..<(1 + self.number(below: 3))).map { _ in self.userBlock() }
      }
      turns.append(
        #"{"role":"user","content":\#(turns.isEmpty && self.happens(40) ? self.string() : "[\(blocks.joined(separator: ","))]")}"#
      )
      if self.happens(10) { turns.append(#"{"role":"system","content":\#(self.string())}"#) }
      var answer: [String] = []
      if self.happens(5) { answer.append(#"{"type":"redacted_thinking","data":"c2ln"}"#) }
      if self.happens(20) {
        answer.append(#"{"type":"thinking","thinking":\#(self.string()),"signature":"c2ln"}"#)
      }
      if self.happens(70) { answer.append(self.blocks(1)) }
      if !names.isEmpty {
        for _ in 0..<self.number(below: 3) {
          open.append(self.id())
          answer.append(
            #"{"type":"tool_use","id":"\#(open.last ?? "")","name":"\#(self.one(of: names))","input":\#(self.object())\#(self.mark())}"#
          )
        }
      }
      if answer.allSatisfy({ $0.contains("thinking") }) { answer.append(self.blocks(1)) }
      turns.append(#"{"role":"assistant","content":[\#(answer.joined(separator: ","))]}"#)
    }
    // The last word is the user's, or the beginning of what the model is to say.
    if open.isEmpty, self.happens(20) { return turns }
    if open.isEmpty {
      turns.append(#"{"role":"user","content":\#(self.string())}"#)
    } else {
      let results = open.map { self.result($0) }
      turns.append(#"{"role":"user","content":[\#(results.joined(separator: ","))]}"#)
    }
    return turns
  }
}
