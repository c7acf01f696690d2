/// The workload in the words of the Chat Completions protocol.
enum ChatSpelling {
  static func request(_ conversation: Conversation) -> String {
    let tools = conversation.tools.map {
      #"""
      {"type":"function","function":{"name":"\#($0.name)","description":"\#($0.description)",\#
      "parameters":\#($0.schema)}}
      """#
    }
    var turns = conversation.turns.flatMap(self.messages)
    if let image = conversation.image {
      turns[0] = #"""
        {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,\#(image)"}},\#
        {"type":"text","text":"What is this?"}]}
        """#
    }
    return #"""
      {"model":"m","max_tokens":8192,"stream":true,"temperature":0.7,"user":"u",\#
      "tools":[\#(tools.joined(separator: ","))],"messages":[{"role":"system","content":\#
      "\#(conversation.system)"},\#(turns.joined(separator: ","))]}
      """#
  }

  private static func messages(_ turn: Conversation.Turn) -> [String] {
    switch turn {
    case .user(let text): [#"{"role":"user","content":"\#(text)"}"#]
    case .results(let results):
      results.map { #"{"role":"tool","tool_call_id":"\#($0.id)","content":"\#($0.text)"}"# }
    case .assistant(let text, let calls): [self.assistant(text, calls)]
    }
  }

  private static func assistant(_ text: String, _ calls: [Conversation.Call]) -> String {
    if calls.isEmpty { return #"{"role":"assistant","content":"\#(text)"}"# }
    let list = calls.map {
      #"""
      {"id":"\#($0.id)","type":"function","function":{"name":"\#($0.name)","arguments":"\#($0.escapedInput)"}}
      """#
    }
    return #"{"role":"assistant","content":"\#(text)","tool_calls":[\#(list.joined(separator: ","))]}"#
  }

  static func reply(_ text: String, _ calls: [Conversation.Call]) -> String {
    #"""
    {"id":"chatcmpl-1","object":"chat.completion","created":1800000000,"model":"m","choices":[{"index":0,\#
    "message":\#(self.assistant(text, calls)),"logprobs":null,"finish_reason":"tool_calls"}],\#
    "usage":{"prompt_tokens":50000,"completion_tokens":9000,"total_tokens":59000,\#
    "prompt_tokens_details":{"cached_tokens":40000}}}
    """#
  }

  static func streamStart(_ kind: DeltaStream.Kind) -> String {
    let role = self.chunk(#""role":"assistant","content":"""#)
    switch kind {
    case .text, .reasoning: return role
    case .arguments:
      let function = #""function":{"name":"write","arguments":"{\"text\":\""}"#
      return role + self.chunk(#""tool_calls":[{"index":0,"id":"call_1","type":"function",\#(function)}]"#)
    }
  }

  static func delta(_ kind: DeltaStream.Kind, _ text: String) -> String {
    switch kind {
    case .text: return self.chunk(#""content":"\#(text)""#)
    case .reasoning: return self.chunk(#""reasoning_content":"\#(text)""#)
    case .arguments:
      let function = #""function":{"arguments":"\#(Conversation.Call.escaped(text))"}"#
      return self.chunk(#""tool_calls":[{"index":0,\#(function)}]"#)
    }
  }

  private static func chunk(_ delta: String) -> String {
    """
    data: {"id":"chatcmpl-CkT2xqv0R1","object":"chat.completion.chunk","created":1800000000,"model":"m",\
    "service_tier":"default","system_fingerprint":"fp_560af6e559","choices":[{"index":0,"delta":{\(delta)},\
    "logprobs":null,"finish_reason":null}],"usage":null}


    """
  }
}
