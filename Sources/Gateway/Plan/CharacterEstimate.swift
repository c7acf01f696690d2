package import Settings
package import Wire

/// Counts tokens by characters: everything a model reads, of a request in either protocol.
package struct CharacterEstimate: Sendable, Equatable {
  package private(set) var characters = 0
  /// Pictures, and files whose text is not known.
  package private(set) var images = 0

  package init() {}

  package init(of request: JSONValue) {
    if let system = request.present("system") { self.add(content: system) }
    if let messages = request.present("messages") {
      for message in messages.elements { self.add(message: message) }
    }
    if let tools = request.present("tools") {
      for tool in tools.elements { self.add(tool: tool) }
    }
  }

  /// Never 0: no request is free.
  package func tokens(_ budget: BudgetSettings) -> Int {
    let ratio =
      budget.charactersPerToken > 0 ? budget.charactersPerToken : BudgetSettings.usualCharactersPerToken
    let texts = min(Double(self.characters) / ratio, 1e12)
    let (pictures, isHuge) = self.images.multipliedReportingOverflow(by: budget.tokensPerImage)
    return max(1, Int(texts) + (isHuge ? 1 << 40 : min(pictures, 1 << 40)))
  }

  package mutating func add(text: String) { self.characters += text.unicodeScalars.count }

  private mutating func add(message: JSONValue) {
    if let content = message.present("content") { self.add(content: content) }
    self.add(message.present("reasoning_content"))
    if let call = message.present("function_call") { self.add(call: call) }
    guard let calls = message.present("tool_calls") else { return }
    for call in calls.elements { self.add(call: call.present("function") ?? call.present("custom") ?? call) }
  }

  /// A string, a block, or a list of both.
  private mutating func add(content: JSONValue) {
    switch content.kind {
    case .string: self.add(content)
    case .array: for element in content.elements { self.add(content: element) }
    case .object: self.add(block: content)
    case .null, .bool, .number: break
    }
  }

  private mutating func add(block: JSONValue) {
    switch block.present("type")?.string ?? "text" {
    case "text", "input_text", "output_text": self.add(block.present("text") ?? block.present("value"))
    case "refusal": self.add(block.present("refusal"))
    case "thinking": self.add(block.present("thinking"))
    case "redacted_thinking": break
    case "image", "image_url", "input_image", "input_audio", "file", "input_file": self.images += 1
    case "document": self.add(document: block)
    case "tool_use", "server_tool_use", "mcp_tool_use": self.add(call: block)
    default:
      // Results of tools of every kind, and what is not known yet.
      if let content = block.present("content") { self.add(content: content) } else { self.add(raw: block) }
    }
  }

  private mutating func add(document: JSONValue) {
    self.add(document.present("title"))
    self.add(document.present("context"))
    let source = document.present("source")
    if let content = source?.present("content") {
      self.add(content: content)
    } else if source?.present("type")?.matches("text") == true {
      self.add(source?.present("data"))
    } else {
      self.images += 1
    }
  }

  private mutating func add(call: JSONValue) {
    self.add(call.present("name"))
    if let input = call.present("input") ?? call.present("arguments") {
      if input.kind == .string { self.add(input) } else { self.add(raw: input) }
    }
  }

  private mutating func add(tool: JSONValue) {
    let tool = tool.present("function") ?? tool.present("custom") ?? tool
    self.add(tool.present("name"))
    self.add(tool.present("description"))
    if let schema = tool.present("input_schema") ?? tool.present("parameters") { self.add(raw: schema) }
  }

  private mutating func add(_ text: JSONValue?) {
    guard let text = text?.string else { return }
    self.add(text: text)
  }

  private mutating func add(raw value: JSONValue) {
    self.characters += value.rawBytes.count { $0 & 0xC0 != 0x80 }
  }
}
