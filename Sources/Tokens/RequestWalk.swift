internal import Wire

/// Yields the parts of a Messages or Chat Completions request one after another, nothing left out.
///
/// What it does not know is a part as it stands. Nothing is collected: the walk holds one place per level.
struct RequestWalk {
  private enum Level {
    case members(JSONMembers)
    case messages(JSONElements)
    case blocks(JSONElements)
    case tools(JSONElements)
    case calls(JSONElements)
  }

  private var levels: [Level]
  /// Parts of the element at hand; their order makes no difference.
  private var pending: [RequestPart] = []
  private let family: ModelFamily

  init(_ request: JSONValue, _ family: ModelFamily) {
    self.levels = [.members(request.members)]
    self.family = family
    // The reply is primed with its role.
    self.pending = [.framing(3)]
  }

  /// Nil for a step that yields nothing; `isDone` says when there are no more.
  mutating func next() -> RequestPart? {
    if let part = self.pending.popLast() { return part }
    guard let level = self.levels.popLast() else { return nil }
    switch level {
    case .members(var members):
      guard let member = members.next() else { return nil }
      self.levels.append(.members(members))
      self.topLevel(member)
    case .messages(var elements):
      guard let element = elements.next() else { return nil }
      self.levels.append(.messages(elements))
      self.message(element)
    case .blocks(var elements):
      guard let element = elements.next() else { return nil }
      self.levels.append(.blocks(elements))
      self.block(element)
    case .tools(var elements):
      guard let element = elements.next() else { return nil }
      self.levels.append(.tools(elements))
      self.tool(element)
    case .calls(var elements):
      guard let element = elements.next() else { return nil }
      self.levels.append(.calls(elements))
      self.call(element)
    }
    return self.pending.popLast()
  }

  var isDone: Bool { self.levels.isEmpty && self.pending.isEmpty }

  /// Nothing for what is absent.
  private mutating func yield(_ parts: RequestPart?...) {
    for part in parts { if let part { self.pending.append(part) } }
  }

  private static func value(_ value: JSONValue?) -> RequestPart? {
    guard let value, !value.isNull else { return nil }
    return .value(value)
  }

  // MARK: Top level

  private mutating func topLevel(_ member: JSONMember) {
    let value = member.value
    if member.isNamed("messages") {
      self.levels.append(.messages(value.elements))
    } else if member.isNamed("system") {
      self.yield(.framing(4))
      self.content(value)
    } else if member.isNamed("tools") || member.isNamed("functions") {
      guard !value.isEmptyContainer, value.kind == .array else { return }
      self.yield(.framing(self.family.toolsPreamble))
      self.levels.append(.tools(value.elements))
    } else if member.isNamed("response_format") {
      self.yield(Self.value(value["json_schema"]))
    } else if member.isNamed("output_format") {
      self.yield(Self.value(value["schema"]))
    } else if member.isNamed("output_config") {
      self.yield(Self.value(value["format"]?["schema"]))
    }
  }

  /// A string, or a list of blocks.
  private mutating func content(_ value: JSONValue) {
    switch value.kind {
    case .array: self.levels.append(.blocks(value.elements))
    case .object: self.block(value)
    case .null: return
    case .string, .bool, .number: self.yield(.value(value))
    }
  }

  // MARK: Messages

  private mutating func message(_ message: JSONValue) {
    guard message.kind == .object else { return self.yield(.value(message)) }
    let content = message["content"]
    if message["role"]?.matches("user") == true, !Self.isResults(content) { self.yield(.turn) }
    // Three tokens delimit a message, its role is a fourth, a name has one more.
    self.yield(.framing(4), Self.value(message["refusal"]))
    if let name = message.present("name") { self.yield(.framing(1), .value(name)) }
    if let reasoning = message.present("reasoning_content") ?? message.present("reasoning") {
      self.yield(.reasoning(reasoning))
    }
    if let call = message.present("function_call") { self.functionCall(call) }
    if let calls = message["tool_calls"], calls.kind == .array { self.levels.append(.calls(calls.elements)) }
    if let content { self.content(content) }
  }

  /// Whether a user's message only brings what tools gave back: the turn goes on.
  private static func isResults(_ content: JSONValue?) -> Bool {
    guard let content, content.kind == .array, !content.isEmptyContainer else { return false }
    for block in content.elements where block["type"]?.matches("tool_result") != true { return false }
    return true
  }

  private mutating func functionCall(_ function: JSONValue) {
    self.yield(.framing(3), Self.value(function["name"]), Self.value(function["arguments"]))
  }

  private mutating func call(_ call: JSONValue) {
    if let function = call.present("function") {
      self.functionCall(function)
    } else if let custom = call.present("custom") {
      self.yield(.framing(3), Self.value(custom["name"]), Self.value(custom["input"]))
    } else {
      self.yield(.value(call))
    }
  }

  // MARK: Blocks

  private mutating func block(_ block: JSONValue) {
    guard block.kind == .object, let type = block["type"] else { return self.yield(.value(block)) }
    if type.matches("text") || type.matches("refusal") {
      self.yield(Self.value(block["text"] ?? block["refusal"]))
    } else if type.matches("thinking") {
      if let text = block.present("thinking") { self.yield(.reasoning(text)) }
    } else if type.matches("redacted_thinking") {
      if let data = block.present("data") { self.yield(.reasoning(data)) }
    } else if type.matches("tool_use") || type.matches("server_tool_use") || type.matches("mcp_tool_use") {
      self.yield(.framing(3), Self.value(block["name"]), Self.value(block["input"]))
    } else if type.matches("tool_result") || type.matches("mcp_tool_result") {
      self.yield(.framing(3))
      if let content = block["content"] { self.content(content) }
    } else {
      self.media(block, type)
    }
  }

  private mutating func media(_ block: JSONValue, _ type: JSONValue) {
    if type.matches("image") {
      self.yield(.image(data: block["source"]?["data"], isLowDetail: false))
    } else if type.matches("image_url") {
      let image = block["image_url"]
      let isLow = image?["detail"]?.matches("low") == true
      self.yield(.image(data: image?["url"] ?? image, isLowDetail: isLow))
    } else if type.matches("document") {
      self.document(block)
    } else if type.matches("search_result") {
      self.yield(Self.value(block["title"]), Self.value(block["source"]))
      if let content = block["content"] { self.content(content) }
    } else if type.matches("file") {
      let file = block["file"]
      self.yield(Self.value(file?["filename"]), Self.pages(file?["file_data"]))
    } else if type.matches("input_audio") || type.matches("container_upload") {
      self.yield(.image(data: nil, isLowDetail: false))
    } else {
      self.yield(.value(block))
    }
  }

  private mutating func document(_ block: JSONValue) {
    self.yield(Self.value(block["title"]), Self.value(block["context"]))
    guard let source = block.present("source") else { return }
    if let content = source.present("content") {
      self.content(content)
    } else if source["type"]?.matches("text") == true {
      self.yield(Self.value(source["data"]))
    } else {
      self.yield(Self.pages(source["data"]))
    }
  }

  /// A file that is only named counts as an image.
  private static func pages(_ data: JSONValue?) -> RequestPart {
    guard let data, data.kind == .string else { return .image(data: nil, isLowDetail: false) }
    return .pages(data)
  }

  // MARK: Tools

  private mutating func tool(_ tool: JSONValue) {
    let function = tool.present("function") ?? tool.present("custom") ?? tool
    let schema =
      function.present("input_schema") ?? function.present("parameters") ?? function.present("format")
    let description = function.present("description")
    self.yield(.framing(7))
    // A vendor's own tool is its type and its options.
    guard let name = function.present("name"), schema != nil || description != nil else {
      return self.yield(.value(tool))
    }
    self.yield(
      .value(name), Self.value(description), Self.value(schema), Self.value(function["input_examples"]))
  }
}
