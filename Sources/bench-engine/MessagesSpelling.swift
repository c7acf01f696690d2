/// The workload in the words of the Messages protocol.
enum MessagesSpelling {
  static func request(_ conversation: Conversation) -> String {
    let tools = conversation.tools.map {
      #"{"name":"\#($0.name)","description":"\#($0.description)","input_schema":\#($0.schema)}"#
    }
    var turns = conversation.turns.map(self.turn)
    if let image = conversation.image {
      turns[0] = #"""
        {"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png",\#
        "data":"\#(image)"}},{"type":"text","text":"What is this?"}]}
        """#
    }
    return #"""
      {"model":"m","max_tokens":8192,"stream":true,"temperature":0.7,"metadata":{"user_id":"u"},\#
      "system":[{"type":"text","text":"\#(conversation.system)","cache_control":{"type":"ephemeral"}}],\#
      "tools":[\#(tools.joined(separator: ","))],"messages":[\#(turns.joined(separator: ","))]}
      """#
  }

  private static func turn(_ turn: Conversation.Turn) -> String {
    switch turn {
    case .user(let text):
      return #"{"role":"user","content":[{"type":"text","text":"\#(text)"}]}"#
    case .results(let results):
      let blocks = results.map {
        #"{"type":"tool_result","tool_use_id":"\#($0.id)","content":[{"type":"text","text":"\#($0.text)"}]}"#
      }
      return #"{"role":"user","content":[\#(blocks.joined(separator: ","))]}"#
    case .assistant(let text, let calls):
      return #"{"role":"assistant","content":[\#(self.blocks(text, calls))]}"#
    }
  }

  private static func blocks(_ text: String, _ calls: [Conversation.Call]) -> String {
    let blocks =
      [#"{"type":"text","text":"\#(text)"}"#]
      + calls.map { #"{"type":"tool_use","id":"\#($0.id)","name":"\#($0.name)","input":\#($0.input)}"# }
    return blocks.joined(separator: ",")
  }

  static func reply(_ text: String, _ calls: [Conversation.Call]) -> String {
    #"""
    {"id":"msg_01","type":"message","role":"assistant","model":"m","content":[\#(self.blocks(text, calls))],\#
    "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":50000,"output_tokens":9000,\#
    "cache_creation_input_tokens":0,"cache_read_input_tokens":40000}}
    """#
  }

  static func streamStart(_ kind: DeltaStream.Kind) -> String {
    let block =
      switch kind {
      case .text: #"{"type":"text","text":""}"#
      case .reasoning: #"{"type":"thinking","thinking":"","signature":""}"#
      case .arguments: #"{"type":"tool_use","id":"toolu_1","name":"write","input":{}}"#
      }
    let first = kind == .arguments ? self.arguments(#"{\"text\":\""#) : ""
    return """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"m",\
      "content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":\(block)}


      """ + first
  }

  static func delta(_ kind: DeltaStream.Kind, _ text: String) -> String {
    switch kind {
    case .text: self.delta(#"{"type":"text_delta","text":"\#(text)"}"#)
    case .reasoning: self.delta(#"{"type":"thinking_delta","thinking":"\#(text)"}"#)
    case .arguments: self.arguments(Conversation.Call.escaped(text))
    }
  }

  private static func arguments(_ escaped: String) -> String {
    self.delta(#"{"type":"input_json_delta","partial_json":"\#(escaped)"}"#)
  }

  private static func delta(_ delta: String) -> String {
    """
    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":\(delta)}


    """
  }
}
