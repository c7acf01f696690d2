import Testing
import Wire

/// Reads a stream as a strict client of its protocol, out of the vendors' documentation and not out of the demo.
struct OrderChecker {
  struct Violation: Error, CustomStringConvertible {
    let description: String
  }

  private(set) var text = ""
  private(set) var deltas = 0
  private(set) var isComplete = false
  private(set) var hasFailed = false

  static func check(_ stream: String, _ path: String) throws -> OrderChecker {
    var checker = OrderChecker()
    guard stream.hasSuffix("\n\n") else { throw Violation(description: "the stream ends inside an event") }
    let events = stream.dropLast(2).split(separator: "\n\n", omittingEmptySubsequences: false)
    if path == "/v1/messages" {
      try checker.checkMessages(events)
    } else {
      try checker.checkChat(events)
    }
    return checker
  }

  /// The text of an unstreamed answer.
  static func documentText(_ body: String, _ path: String) throws -> String {
    let root = try JSONDocument(body).root
    if path == "/v1/messages" {
      return root["content"]?.elements.compactMap { $0["text"]?.string }.joined() ?? ""
    }
    return root["choices"]?.elements.first { _ in true }?["message"]?["content"]?.string ?? ""
  }

  private mutating func checkMessages(_ events: [Substring]) throws {
    var open: (index: Int, type: String)?
    var blocks = 0
    var hasStarted = false
    var hasStopReason = false
    var json = ""
    for event in events {
      let lines = event.split(separator: "\n", omittingEmptySubsequences: false)
      try Self.demand(
        lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "), event)
      let root = try JSONDocument(String(lines[1].dropFirst(6))).root
      let type = root["type"]?.string ?? ""
      try Self.demand(lines[0] == "event: \(type)", event)
      try Self.demand(!self.isComplete && !self.hasFailed, event)
      try Self.demand(hasStarted == (type != "message_start"), event)
      switch type {
      case "message_start":
        hasStarted = true
        try Self.demand(root["message"]?["content"]?.isEmptyContainer == true, event)
        try Self.demand(root["message"]?["stop_reason"]?.isNull == true, event)
        try Self.demand(root["message"]?["usage"]?["input_tokens"]?.integer ?? 0 > 0, event)
      case "ping":
        continue
      case "content_block_start":
        let kind = root["content_block"]?["type"]?.string ?? ""
        try Self.demand(open == nil && !hasStopReason && root["index"]?.integer == blocks, event)
        if kind == "tool_use" {
          try Self.demand(root["content_block"]?["input"]?.isEmptyContainer == true, event)
        }
        open = (blocks, kind)
        blocks += 1
        json = ""
      case "content_block_delta":
        try Self.demand(open != nil && root["index"]?.integer == open?.index, event)
        switch (open?.type, root["delta"]?["type"]?.string) {
        case ("text", "text_delta"): self.text += root["delta"]?["text"]?.string ?? ""
        case ("tool_use", "input_json_delta"): json += root["delta"]?["partial_json"]?.string ?? ""
        case ("thinking", "thinking_delta"), ("thinking", "signature_delta"): break
        default: try Self.demand(false, event)
        }
        self.deltas += 1
      case "content_block_stop":
        try Self.demand(open != nil && root["index"]?.integer == open?.index, event)
        if open?.type == "tool_use" { try Self.demand(JSONDocument(json).root.kind == .object, event) }
        open = nil
      case "message_delta":
        try Self.demand(open == nil && blocks > 0 && !hasStopReason, event)
        try Self.demand(root["delta"]?["stop_reason"]?.string != nil, event)
        try Self.demand(root["usage"]?["output_tokens"]?.integer != nil, event)
        hasStopReason = true
      case "message_stop":
        try Self.demand(hasStopReason, event)
        self.isComplete = true
      case "error":
        try Self.demand(
          root["error"]?["type"]?.string != nil && root["error"]?["message"]?.string != nil, event)
        self.hasFailed = true
      default:
        try Self.demand(false, event)
      }
    }
  }

  private mutating func checkChat(_ events: [Substring]) throws {
    var hasRole = false
    var finish: String?
    var hasUsage = false
    var arguments = ""
    var hasCall = false
    for event in events {
      try Self.demand(
        event.hasPrefix("data: ") && !event.contains("\n") && !self.isComplete && !self.hasFailed, event)
      let data = String(event.dropFirst(6))
      if data == "[DONE]" {
        try Self.demand(finish != nil, event)
        self.isComplete = true
        continue
      }
      let root = try JSONDocument(data).root
      if root["error"] != nil {
        try Self.demand(root["error"]?["message"]?.string != nil && finish == nil, event)
        self.hasFailed = true
        continue
      }
      try Self.demand(root["object"]?.matches("chat.completion.chunk") == true && !hasUsage, event)
      guard let choice = root["choices"]?.elements.first(where: { _ in true }) else {
        try Self.demand(finish != nil && root["usage"]?["total_tokens"]?.integer != nil, event)
        hasUsage = true
        continue
      }
      try Self.demand(finish == nil && choice["index"]?.integer == 0, event)
      let delta = choice["delta"]
      if let role = delta?["role"] {
        try Self.demand(!hasRole && role.matches("assistant"), event)
        hasRole = true
      }
      try Self.demand(hasRole, event)
      for call in delta?["tool_calls"]?.elements.map({ $0 }) ?? [] {
        try Self.demand(call["index"]?.integer == 0 && (call["id"] != nil) == !hasCall, event)
        try Self.demand((call["function"]?["name"] != nil) == !hasCall, event)
        hasCall = true
        arguments += call["function"]?["arguments"]?.string ?? ""
      }
      if let content = delta?["content"]?.string, !content.isEmpty {
        self.text += content
        self.deltas += 1
      }
      finish = choice["finish_reason"]?.string
      if finish != nil {
        try Self.demand((finish == "tool_calls") == hasCall, event)
        if hasCall { try Self.demand(JSONDocument(arguments).root.kind == .object, event) }
      }
    }
  }

  private static func demand(_ holds: Bool, _ event: Substring) throws {
    if !holds { throw Violation(description: "out of order: \(event)") }
  }
}
