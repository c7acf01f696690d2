import Dialogue
import Wire

/// One thing a request says, whichever protocol says it, and where.
struct Fact: Equatable, CustomStringConvertible {
  let kind: String
  let value: String
  let path: String

  var description: String { "\(self.kind) \(self.value.prefix(60)) at \(self.path)" }
  var key: String { "\(self.kind)|\(self.value)" }
  /// Of the conversation, whose order counts.
  var isOrdered: Bool { ["user", "assistant", "call", "result", "image", "file"].contains(self.kind) }
}

/// Reads what a request says straight from its JSON, without the engine.
struct FactReader {
  private(set) var facts: [Fact] = []

  static func read(_ root: JSONValue, _ dialect: Dialect) -> [Fact] {
    var reader = FactReader()
    for member in root.members where !member.value.isNull {
      switch dialect {
      case .messages: reader.readMessages(member.name, member.value)
      case .chat: reader.readChat(member.name, member.value)
      }
    }
    // Where no tool may be called, one at most says nothing.
    let callsNothing = reader.facts.contains { $0.kind == "choice" && $0.value == "none" }
    return reader.facts.filter { !callsNothing || $0.kind != "once" }
  }

  private mutating func add(_ kind: String, _ value: String, _ place: JSONValue) {
    self.facts.append(Fact(kind: kind, value: value, path: place.path))
  }

  /// A level in one protocol is a budget in the other: that it thinks is what both say, once.
  private mutating func addThinking(_ value: JSONValue) {
    if !self.facts.contains(where: { $0.kind == "thinks" }) { self.add("thinks", "", value) }
  }

  /// Without white space, and characters as they are wherever they may be.
  private static func compact(_ value: JSONValue?) -> String {
    guard let value else { return "" }
    var writer = JSONWriter()
    writer.stringified(value)
    return (try? JSONDocument(writer.bytes))?.root.string ?? ""
  }

  private mutating func readCommon(_ name: String, _ value: JSONValue) {
    switch name {
    case "model": self.add("model", value.string ?? "", value)
    case "max_tokens", "max_completion_tokens": self.add("limit", value.rawText, value)
    case "temperature", "top_p", "top_k": self.add(name, value.rawText, value)
    case "stream": self.add("stream", value.rawText, value)
    // A key in one protocol, a mark in the other.
    case "prompt_cache_key", "cache_control": self.add("cached", "", value)
    case "stop_sequences", "stop":
      if value.kind == .string { self.add("stop", value.string ?? "", value) }
      for stop in value.elements { self.add("stop", stop.string ?? "", stop) }
    default: self.add(name, Self.compact(value), value)
    }
  }

  // MARK: Messages

  private mutating func readMessages(_ name: String, _ value: JSONValue) {
    switch name {
    case "system": self.texts(value, "system")
    case "thinking": self.addThinking(value)
    case "metadata": self.add("enduser", "", value["user_id"] ?? value)
    case "service_tier": self.add("tier", value.matches("standard_only") ? "default" : "auto", value)
    case "tool_choice":
      let words = ["any": "required", "tool": "named \(value["name"]?.string ?? "")"]
      let type = value["type"]?.string ?? ""
      if type != "auto" { self.add("choice", words[type] ?? type, value) }
      if value["disable_parallel_tool_use"]?.bool == true {
        self.add("once", "", value["disable_parallel_tool_use"] ?? value)
      }
    case "output_config":
      if let effort = value["effort"] { self.addThinking(effort) }
      if let format = value["format"] { self.add("schema", Self.compact(format["schema"]), format) }
    case "tools":
      for tool in value.elements {
        self.tool(tool["name"], tool["description"], tool["input_schema"], tool["strict"])
        if let mark = tool["cache_control"] { self.add("cache", "", mark) }
      }
    case "messages": for message in value.elements { self.message(message) }
    default: self.readCommon(name, value)
    }
  }

  private mutating func tool(
    _ name: JSONValue?, _ description: JSONValue?, _ schema: JSONValue?, _ strict: JSONValue?
  ) {
    guard let name else { return }
    let words = [name.string ?? "", description?.string ?? "", Self.compact(schema)]
    self.add("tool", words.joined(separator: " "), name)
    if strict?.bool == true { self.add("strict", name.string ?? "", strict ?? name) }
  }

  private mutating func texts(_ value: JSONValue, _ kind: String) {
    if value.kind == .string { self.add(kind, value.string ?? "", value) }
    for block in value.elements {
      self.add(kind, block["text"]?.string ?? "", block)
      if let mark = block["cache_control"] { self.add("cache", "", mark) }
    }
  }

  private mutating func message(_ message: JSONValue) {
    let role = message["role"]?.string ?? ""
    guard let content = message["content"] else { return }
    if content.kind == .string { return self.add(role, content.string ?? "", content) }
    for block in content.elements {
      switch block["type"]?.string ?? "" {
      case "text":
        self.add(role, block["text"]?.string ?? "", block)
        if let mark = block["cache_control"] { self.add("cache", "", mark) }
      case "image":
        let source = block["source"]
        let data = "data:\(source?["media_type"]?.string ?? "");base64,\(source?["data"]?.string ?? "")"
        self.add("image", source?["url"]?.string ?? data, block)
      case "document":
        let words = [block["title"]?.string ?? "", block["source"]?["data"]?.string ?? ""]
        self.add("file", words.joined(separator: " "), block)
      case "tool_use":
        let words = [block["id"]?.string ?? "", block["name"]?.string ?? "", Self.compact(block["input"])]
        self.add("call", words.joined(separator: " "), block)
      case "tool_result": self.result(block)
      case let other: self.add(other, Self.compact(block), block)
      }
    }
  }

  private mutating func result(_ block: JSONValue) {
    let content = block["content"]
    var text = content?.string ?? ""
    if content?.kind == .array {
      text = content?.elements.compactMap { $0["text"]?.string }.joined(separator: "\n") ?? ""
      for part in content?.elements.map(\.self) ?? [] {
        if let mark = part["cache_control"] { self.add("cache", "", mark) }
      }
    }
    if block["is_error"]?.bool == true, !text.lowercased().hasPrefix("error") { text = "Error: \(text)" }
    self.add("result", "\(block["tool_use_id"]?.string ?? "") \(text)", block)
  }

  // MARK: Chat Completions

  private mutating func readChat(_ name: String, _ value: JSONValue) {
    switch name {
    case "user", "safety_identifier": self.add("enduser", "", value)
    case "service_tier": self.add("tier", value.string ?? "", value)
    case "stream_options": break
    case "reasoning_effort": self.addThinking(value)
    case "parallel_tool_calls": if value.bool == false { self.add("once", "", value) }
    case "tool_choice":
      let named = value["function"]?["name"]?.string.map { "named \($0)" }
      // What happens anyway is said or not.
      if !value.matches("auto") { self.add("choice", named ?? value.string ?? "", value) }
    case "response_format": self.add("schema", Self.compact(value["json_schema"]?["schema"]), value)
    case "tools":
      for tool in value.elements {
        let function = tool["function"]
        self.tool(function?["name"], function?["description"], function?["parameters"], function?["strict"])
      }
    case "messages": for message in value.elements { self.chatMessage(message) }
    default: self.readCommon(name, value)
    }
  }

  private mutating func chatMessage(_ message: JSONValue) {
    let role = message["role"]?.string ?? ""
    let kind = role == "developer" ? "system" : role
    if let content = message["content"] {
      if role == "tool" {
        self.add("result", "\(message["tool_call_id"]?.string ?? "") \(content.string ?? "")", message)
      } else if content.kind == .string {
        self.add(kind, content.string ?? "", message)
      }
      for part in content.elements {
        switch part["type"]?.string ?? "" {
        case "text": self.add(kind, part["text"]?.string ?? "", part)
        case "image_url": self.add("image", part["image_url"]?["url"]?.string ?? "", part)
        case "file":
          let data = part["file"]?["file_data"]?.string ?? ""
          let words = [part["file"]?["filename"]?.string ?? "", String(data.drop { $0 != "," }.dropFirst())]
          self.add("file", words.joined(separator: " "), part)
        case let other: self.add(other, Self.compact(part), part)
        }
      }
    }
    for call in message["tool_calls"]?.elements.map(\.self) ?? [] {
      let function = call["function"]
      let arguments = try? JSONDocument(function?["arguments"]?.string ?? "").root
      let words = [call["id"]?.string ?? "", function?["name"]?.string ?? "", Self.compact(arguments)]
      self.add("call", words.joined(separator: " "), call)
    }
  }
}
