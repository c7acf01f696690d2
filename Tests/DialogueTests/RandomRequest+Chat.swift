import Wire

extension RandomRequest {
  mutating func chatRequest() -> String {
    var members = [#""model":"m""#]
    if self.happens(70) {
      members.append(
        #""\#(self.happens(50) ? "max_tokens" : "max_completion_tokens")":\#(2000 + self.number(below: 9000))"#
      )
    }
    let names = (0..<self.number(below: 4)).map { "tool_\($0)" }
    let custom = self.happens(25) ? names.last : nil
    if self.happens(12) {
      members += self.functions(names)
    } else if !names.isEmpty {
      let tools = names.map { name -> String in
        let extra =
          (self.happens(60) ? #","description":\#(self.string())"# : "")
          + (self.happens(20) ? #","strict":true"# : "")
        if name == custom { return #"{"type":"custom","custom":{"name":"\#(name)"}}"# }
        return
          #"{"type":"function","function":{"name":"\#(name)","parameters":\#(self.schema())\#(extra)}}"#
      }
      members.append(#""tools":[\#(tools.joined(separator: ","))]"#)
      if self.happens(50) {
        let name = self.one(of: names)
        let kind = name == custom ? "custom" : "function"
        let named = #"{"type":"\#(kind)","\#(kind)":{"name":"\#(name)"}}"#
        members.append(#""tool_choice":\#(self.one(of: [#""auto""#, #""none""#, #""required""#, named]))"#)
      }
      if self.happens(20) { members.append(#""parallel_tool_calls":false"#) }
    }
    let isLegacy = members.contains { $0.hasPrefix(#""functions""#) }
    let messages = isLegacy ? self.functionMessages(names) : self.chatMessages(names, custom)
    members.append(#""messages":[\#(messages.joined(separator: ","))]"#)
    let options = [
      #""temperature":0.75"#, #""top_p":0.5"#, #""stream":true"#, #""stop":["END","\n\n"]"#, #""stop":"END""#,
      #""seed":4"#, #""frequency_penalty":0.5"#, #""logprobs":true"#, #""user":"someone""#,
      #""verbosity":"low""#,
      #""safety_identifier":"someone""#, #""reasoning_effort":"low""#, #""metadata":{"a":"b"}"#,
      #""service_tier":"default""#, #""prompt_cache_key":"k""#, #""store":true"#,
      #""response_format":{"type":"json_object"}"#,
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
    case 3: return #"{"type":"text","text":\#(self.string()),"cache_control":{"type":"ephemeral"}}"#
    default: return #"{"type":"text","text":\#(self.string())}"#
    }
  }

  private mutating func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    JSONText.escape(Array(text.utf8).span, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What stood for tools before there were any.
  private mutating func functions(_ names: [String]) -> [String] {
    let list = names.map {
      #"{"name":"\#($0)","description":\#(self.string()),"parameters":\#(self.schema())}"#
    }
    guard !list.isEmpty else { return [] }
    let choices = [#""auto""#, #""none""#, #"{"name":"\#(self.one(of: names))"}"#]
    return [#""functions":[\#(list.joined(separator: ","))]"#]
      + (self.happens(50) ? [#""function_call":\#(self.one(of: choices))"#] : [])
  }

  private mutating func functionMessages(_ names: [String]) -> [String] {
    var messages: [String] = []
    for _ in 0..<(1 + self.number(below: 4)) {
      messages.append(#"{"role":"user","content":\#(self.string())}"#)
      let name = self.one(of: names)
      messages.append(
        #"{"role":"assistant","content":null,"function_call":{"name":"\#(name)","arguments":"\#(self.escaped(self.object()))"}}"#
      )
      messages.append(#"{"role":"function","name":"\#(name)","content":\#(self.string())}"#)
      messages.append(#"{"role":"assistant","content":\#(self.string())}"#)
    }
    return messages + [#"{"role":"user","content":\#(self.string())}"#]
  }

  /// An assistant's text, or what it says instead.
  private mutating func answer() -> String {
    switch self.number(below: 10) {
    case 0: return #""content":null,"refusal":\#(self.string())"#
    case 1:
      return
        #""content":[{"type":"text","text":\#(self.string())},{"type":"refusal","refusal":\#(self.string())}]"#
    case 2: return #""content":[{"type":"text","text":\#(self.string())}]"#
    default: return #""content":\#(self.string())"#
    }
  }

  private mutating func toolContent() -> String {
    guard self.happens(30) else { return self.string() }
    let parts = (0..<(1 + self.number(below: 3))).map { _ in #"{"type":"text","text":\#(self.string())}"# }
    return "[\(parts.joined(separator: ","))]"
  }

  private mutating func chatMessages(_ names: [String], _ custom: String?) -> [String] {
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
          let name = self.one(of: names)
          let said =
            name == custom
            ? #""type":"custom","custom":{"name":"\#(name)","input":\#(self.string())}"#
            : #""type":"function","function":{"name":"\#(name)","arguments":"\#(self.escaped(self.object()))"}"#
          calls.append(#"{"id":"\#(ids.last ?? "")",\#(said)}"#)
        }
      }
      let content =
        calls.isEmpty
        ? self.answer() : self.happens(50) ? #""content":\#(self.string())"# : #""content":null"#
      let list = calls.isEmpty ? "" : #","tool_calls":[\#(calls.joined(separator: ","))]"#
      messages.append(#"{"role":"assistant",\#(content)\#(list)}"#)
      messages += ids.map { #"{"role":"tool","tool_call_id":"\#($0)","content":\#(self.toolContent())}"# }
    }
    if self.happens(15), messages.last?.contains(#""role":"assistant""#) == true { return messages }
    messages.append(#"{"role":"user","content":\#(self.string())}"#)
    return messages
  }
}
