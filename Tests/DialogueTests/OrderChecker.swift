import Dialogue
import Wire

/// Says what is illegal in a stream a client would get; written from the protocols, not from the writers.
enum OrderChecker {
  static func fault(in stream: [UInt8], of dialect: Dialect) -> String? {
    guard let frames = try? Frame.all(in: stream) else { return "no event stream" }
    if stream.isEmpty { return "empty" }
    if !stream.suffix(2).elementsEqual([0x0A, 0x0A]) { return "the last event has no blank line" }
    switch dialect {
    case .messages: return MessagesOrder().check(frames)
    case .chat: return ChatOrder().check(frames)
    }
  }
}

/// message_start, blocks one after another with dense indexes, one message_delta, message_stop; or an error.
private struct MessagesOrder {
  private var hasStarted = false
  private var hasDelta = false
  private var isOver = false
  private var open: (index: Int, type: String)?
  private var nextIndex = 0
  private var signatures = 0
  private var json = ""

  func check(_ frames: [Frame]) -> String? {
    var checker = self
    for frame in frames {
      guard let document = try? JSONDocument(frame.data) else { return "\(frame.name) carries no JSON" }
      let root = document.root
      guard root["type"]?.string == frame.name else { return "event \(frame.name) has another type inside" }
      if let fault = checker.take(frame.name, root) { return "\(frame.name): \(fault)" }
    }
    return checker.isOver ? nil : "no terminal event"
  }

  private mutating func take(_ name: String, _ root: JSONValue) -> String? {
    if self.isOver { return "after the end" }
    if name != "message_start", name != "error", !self.hasStarted { return "before message_start" }
    switch name {
    case "message_start":
      if self.hasStarted { return "twice" }
      self.hasStarted = true
      guard let message = root["message"], message["content"]?.isEmptyContainer == true else {
        return "content"
      }
      return self.usageFault(message["usage"])
    case "content_block_start": return self.takeStart(root)
    case "content_block_delta": return self.takeDelta(root)
    case "content_block_stop": return self.takeStop(root)
    case "message_delta":
      if self.hasDelta { return "twice" }
      if self.open != nil { return "a block is open" }
      self.hasDelta = true
      guard root["delta"]?["stop_reason"]?.kind == .string, root["delta"]?["stop_sequence"] != nil else {
        return "no reason to stop"
      }
      return self.usageFault(root["usage"])
    case "message_stop":
      self.isOver = true
      return self.hasDelta ? nil : "without message_delta"
    case "error":
      self.isOver = true
      return root["error"]?["message"]?.kind == .string ? nil : "no message"
    default: return "unknown"
    }
  }

  private func usageFault(_ usage: JSONValue?) -> String? {
    for name in ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"] {
      guard let count = usage?.member(named: name)?.integer, count >= 0 else {
        return "usage without \(name)"
      }
    }
    return nil
  }

  private mutating func takeStart(_ root: JSONValue) -> String? {
    if self.hasDelta { return "after message_delta" }
    if self.open != nil { return "another block is open" }
    guard let index = root["index"]?.integer, index == self.nextIndex else { return "index is not dense" }
    guard let block = root["content_block"], let type = block["type"]?.string else { return "no block" }
    self.open = (index, type)
    self.signatures = 0
    self.json = ""
    switch type {
    case "text": return block["text"]?.isEmptyString == true ? nil : "text is not empty"
    case "thinking": return block["thinking"]?.isEmptyString == true ? nil : "thinking is not empty"
    case "redacted_thinking": return block["data"]?.kind == .string ? nil : "no data"
    case "tool_use":
      guard block["input"]?.isEmptyContainer == true else { return "input is not empty" }
      let id = block["id"]?.string ?? ""
      let isLegal =
        !id.isEmpty && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
      return isLegal && block["name"]?.isEmptyString == false ? nil : "id or name"
    default: return "unknown block"
    }
  }

  private mutating func takeDelta(_ root: JSONValue) -> String? {
    guard let open = self.open, root["index"]?.integer == open.index else { return "not of the open block" }
    guard let delta = root["delta"], let type = delta["type"]?.string else { return "no delta" }
    switch (open.type, type) {
    case ("text", "text_delta"): return delta["text"]?.isEmptyString == false ? nil : "empty"
    case ("thinking", "thinking_delta"):
      if self.signatures > 0 { return "after the signature" }
      return delta["thinking"]?.isEmptyString == false ? nil : "empty"
    case ("thinking", "signature_delta"):
      self.signatures += 1
      return self.signatures == 1 ? nil : "signed twice"
    case ("tool_use", "input_json_delta"):
      guard let text = delta["partial_json"]?.string, !text.isEmpty else { return "empty" }
      self.json += text
      return nil
    default: return "\(type) in a block of type \(open.type)"
    }
  }

  private mutating func takeStop(_ root: JSONValue) -> String? {
    guard let open = self.open, root["index"]?.integer == open.index else { return "not of the open block" }
    self.open = nil
    self.nextIndex += 1
    return open.type == "thinking" && self.signatures != 1 ? "a thinking block without signature" : nil
  }
}

/// A role chunk, deltas, one chunk with a reason to stop, perhaps usage, `[DONE]`; or an error and nothing more.
private struct ChatOrder {
  private var id: String?
  private var hasRole = false
  private var hasReason = false
  private var hasUsage = false
  private var isOver = false
  private var calls = 0

  func check(_ frames: [Frame]) -> String? {
    var checker = self
    for frame in frames {
      if !frame.name.isEmpty { return "a named event" }
      if checker.isOver { return "something after the end" }
      if frame.data == "[DONE]" {
        checker.isOver = true
        if !checker.hasReason { return "[DONE] without a reason to stop" }
        continue
      }
      guard let document = try? JSONDocument(frame.data) else { return "no JSON" }
      if let fault = checker.take(document.root) { return fault }
    }
    return checker.isOver ? nil : "no terminal event"
  }

  private mutating func take(_ root: JSONValue) -> String? {
    if let error = root.present("error") {
      self.isOver = true
      for name in ["message", "type", "param", "code"] where error.member(named: name) == nil {
        return "error without \(name)"
      }
      return nil
    }
    guard root["object"]?.string == "chat.completion.chunk", let id = root["id"]?.string else {
      return "no chunk"
    }
    if let known = self.id, known != id { return "another id" }
    self.id = id
    guard root["created"]?.integer != nil, root["model"]?.kind == .string, let choices = root["choices"]
    else {
      return "a member is missing"
    }
    if choices.isEmptyContainer {
      if !self.hasReason || self.hasUsage { return "usage at the wrong place" }
      self.hasUsage = true
      return root["usage"]?["total_tokens"]?.integer == nil ? "usage without a sum" : nil
    }
    if self.hasUsage { return "a chunk after the usage" }
    for choice in choices.elements {
      guard choice["index"]?.integer == 0, let delta = choice["delta"], delta.kind == .object else {
        return "choice"
      }
      if self.hasReason { return "a delta after the reason to stop" }
      if let fault = self.take(delta: delta) { return fault }
      if choice.present("finish_reason") != nil { self.hasReason = true }
    }
    return nil
  }

  private mutating func take(delta: JSONValue) -> String? {
    if delta.present("role") != nil {
      if self.hasRole { return "the role twice" }
      self.hasRole = true
    } else if !self.hasRole {
      return "a delta before the role"
    }
    for call in delta["tool_calls"]?.elements.map(\.self) ?? [] {
      guard let index = call["index"]?.integer, index >= 0, index <= self.calls else {
        return "index is not dense"
      }
      let holder = call["function"] ?? call["custom"]
      if index == self.calls {
        self.calls += 1
        guard call["id"]?.isEmptyString == false, call["type"]?.kind == .string,
          holder?["name"]?.isEmptyString == false
        else { return "a call without id, type or name" }
      } else if call["id"] != nil || call["type"] != nil || holder?["name"] != nil {
        return "id, type or name repeated"
      }
    }
    return nil
  }
}
