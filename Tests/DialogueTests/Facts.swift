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
  /// Functions are called without ids, and one at a time.
  private let isLegacy: Bool

  static func read(_ root: JSONValue, _ dialect: Dialect, isLegacy: Bool = false) -> [Fact] {
    var reader = FactReader(isLegacy: isLegacy)
    for member in root.members where !member.value.isNull {
      switch dialect {
      case .messages: reader.readMessages(member.name, member.value)
      case .chat: reader.readChat(member.name, member.value)
      }
    }
    // Where no tool may be called, one at most says nothing.
    let callsNothing = reader.facts.contains { $0.kind == "choice" && $0.value == "none" }
    return reader.facts.filter { !(callsNothing || isLegacy) || $0.kind != "once" }
  }

  private init(isLegacy: Bool) { self.isLegacy = isLegacy }

  private func id(_ value: JSONValue?) -> String { self.isLegacy ? "" : value?.string ?? "" }

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
    let start = self.facts.count
    defer { self.joinTexts(from: start) }
    // What a result shows stands behind all results where they can hold no more than text.
    let results = content.elements.filter { $0["type"]?.matches("tool_result") == true }
    for block in results { self.result(block) }
    for part in results.flatMap({ $0["content"]?.elements.map(\.self) ?? [] }) {
      if part["type"]?.matches("image") == true { self.image(part) }
    }
    for block in content.elements {
      if let mark = block["cache_control"] { self.add("cache", "", mark) }
      switch block["type"]?.string ?? "" {
      case "tool_result": continue
      case "text": self.add(role, block["text"]?.string ?? "", block)
      case "image": self.image(block)
      case "document": self.document(block, role)
      case "tool_use":
        let words = [self.id(block["id"]), block["name"]?.string ?? "", Self.compact(block["input"])]
        self.add("call", words.joined(separator: " "), block)
      case let other: self.add(other, Self.compact(block), block)
      }
    }
  }

  /// Several texts of one answer are one where an answer is a string.
  private mutating func joinTexts(from start: Int) {
    let texts = self.facts[start...].filter { $0.kind == "assistant" }
    guard texts.count > 1, let first = texts.first else { return }
    let rest = self.facts[start...].filter { $0.kind != "assistant" }
    let whole = Fact(kind: first.kind, value: texts.map(\.value).joined(), path: first.path)
    self.facts.replaceSubrange(start..., with: [whole] + rest)
  }

  private mutating func image(_ block: JSONValue) {
    let source = block["source"]
    let data = "data:\(source?["media_type"]?.string ?? "");base64,\(source?["data"]?.string ?? "")"
    self.add("image", source?["url"]?.string ?? data, block)
  }

  /// One of plain text is a text with its title in front (matrix B7).
  private mutating func document(_ block: JSONValue, _ role: String) {
    let data = block["source"]?["data"]?.string ?? ""
    guard block["source"]?["type"]?.matches("text") == true else {
      return self.add("file", [block["title"]?.string ?? "", data].joined(separator: " "), block)
    }
    let title = block["title"]?.string.map { "[document: \($0)]" } ?? "[document]"
    self.add(role, "\(title)\n\(data)", block)
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
    self.add("result", "\(self.id(block["tool_use_id"])) \(text)", block)
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
      let named = (value["function"] ?? value["custom"])?["name"]?.string.map { "named \($0)" }
      // What happens anyway is said or not.
      if !value.matches("auto") { self.add("choice", named ?? value.string ?? "", value) }
    case "function_call":
      let named = value["name"]?.string.map { "named \($0)" }
      if !value.matches("auto") { self.add("choice", named ?? value.string ?? "", value) }
    case "functions":
      for function in value.elements {
        self.tool(function["name"], function["description"], function["parameters"], nil)
      }
    case "response_format" where value["type"]?.matches("json_object") == true:
      // Where there is no such switch the words of matrix B7 ask for it.
      self.add("system", Self.wordsForJSON, value)
    case "response_format": self.add("schema", Self.compact(value["json_schema"]?["schema"]), value)
    case "tools":
      for tool in value.elements {
        let function = tool["function"] ?? tool["custom"]
        self.tool(function?["name"], function?["description"], function?["parameters"], function?["strict"])
      }
    case "messages": for message in value.elements { self.chatMessage(message) }
    default: self.readCommon(name, value)
    }
  }

  static let wordsForJSON =
    "Reply with one valid JSON object only, without code fences or any other text."

  private mutating func chatMessage(_ message: JSONValue) {
    let role = message["role"]?.string ?? ""
    let kind = role == "developer" ? "system" : role
    if let content = message["content"] {
      if role == "tool" || role == "function" {
        let text =
          content.string ?? content.elements.compactMap { $0["text"]?.string }.joined(separator: "\n")
        self.add("result", "\(self.id(message["tool_call_id"])) \(text)", message)
      } else if content.kind == .string {
        self.add(kind, content.string ?? "", message)
      } else {
        let start = self.facts.count
        for part in content.elements { self.part(part, kind) }
        self.joinTexts(from: start)
      }
    }
    if let refusal = message["refusal"]?.string { self.add(kind, refusal, message) }
    if let call = message["function_call"] { self.call(call, call, input: call["arguments"]) }
    for call in message["tool_calls"]?.elements.map(\.self) ?? [] {
      if let custom = call["custom"] {
        let input = #"{"input":\#(Self.compact(custom["input"]))}"#
        self.add("call", "\(self.id(call["id"])) \(custom["name"]?.string ?? "") \(input)", call)
      } else {
        self.call(call, call["function"], input: call["function"]?["arguments"])
      }
    }
  }

  private mutating func call(_ call: JSONValue, _ function: JSONValue?, input: JSONValue?) {
    let arguments = try? JSONDocument(input?.string ?? "").root
    let words = [self.id(call["id"]), function?["name"]?.string ?? "", Self.compact(arguments)]
    self.add("call", words.joined(separator: " "), call)
  }

  private mutating func part(_ part: JSONValue, _ kind: String) {
    if let mark = part["cache_control"] { self.add("cache", "", mark) }
    switch part["type"]?.string ?? "" {
    case "text": self.add(kind, part["text"]?.string ?? "", part)
    case "refusal": self.add(kind, part["refusal"]?.string ?? "", part)
    case "image_url": self.add("image", part["image_url"]?["url"]?.string ?? "", part)
    case "file":
      let data = part["file"]?["file_data"]?.string ?? ""
      let words = [part["file"]?["filename"]?.string ?? "", String(data.drop { $0 != "," }.dropFirst())]
      self.add("file", words.joined(separator: " "), part)
    case let other: self.add(other, Self.compact(part), part)
    }
  }
}
