import Wire

extension ChatCompletions {
  /// Reads the messages of a request.
  struct MessageReader {
    var losses = Losses()
    /// The upstream speaks the same protocol.
    var isKept = false
    /// The client called functions, not tools.
    private(set) var sawLegacyCalls = false
    private var legacyCalls = 0

    mutating func read(_ message: JSONValue) throws(Refusal) -> Turn {
      let role = try message.expect(.object).required("role")
      switch try role.name() {
      case "system", "developer":
        self.losses.dropUnknown(of: message, except: ["role", "content"])
        return Turn(.system, try self.texts(message), value: message)
      case "user":
        self.losses.dropUnknown(
          of: message, except: self.isKept ? ["role", "content", "name"] : ["role", "content"])
        var turn = Turn(.user, [], value: message)
        if let content = message.present("content") { turn.parts = try self.parts(of: content) }
        return turn
      case "assistant": return try self.assistant(message)
      case "tool":
        self.losses.dropUnknown(
          of: message, except: ["role", "content", "tool_call_id", "name", "is_error", "status"])
        let id = try message.required("tool_call_id")
        guard !id.isEmptyString else { throw Refusal(id, "`\(id.path)` must not be empty.") }
        return Turn(.user, [.result(try self.result(message, of: try id.name()))], value: message)
      case "function":
        self.losses.dropUnknown(of: message, except: ["role", "content", "name"])
        self.sawLegacyCalls = true
        let id = "fc_\(max(0, self.legacyCalls - 1))"
        return Turn(.user, [.result(try self.result(message, of: id))], value: message)
      case let other: throw Refusal(role, "Unknown role `\(other.quoted)`.", code: "invalid_value")
      }
    }

    private mutating func result(_ message: JSONValue, of id: String) throws(Refusal) -> ToolResult {
      var parts: [Part] = []
      if let content = message.present("content") { parts = try self.parts(of: content) }
      let isError = message.present("is_error")?.bool ?? (message["status"]?.matches("error") == true)
      return ToolResult(callID: id, parts: parts, isError: isError, value: message)
    }

    private mutating func texts(_ message: JSONValue) throws(Refusal) -> [Part] {
      guard let content = message.present("content") else { return [] }
      if content.kind == .string { return [.text(TextPart(Text(content), value: content))] }
      var parts: [Part] = []
      for part in try self.parts(of: content) {
        guard case .text = part else { throw Refusal(content, "`\(content.path)` may hold text only.") }
        parts.append(part)
      }
      return parts
    }

    // MARK: Assistant

    private mutating func assistant(_ message: JSONValue) throws(Refusal) -> Turn {
      let known: [StaticString] = [
        "role", "content", "refusal", "tool_calls", "function_call", "reasoning_content", "reasoning",
        "reasoning_details",
      ]
      self.losses.dropUnknown(
        of: message, except: self.isKept ? known + ["name", "prefix", "partial"] : known)
      var turn = Turn(.assistant, [], value: message)
      try self.readReasoning(message, &turn)
      if let content = message.present("content") { turn.parts += try self.parts(of: content) }
      if let refusal = message.present("refusal") { turn.parts.append(.refusal(try refusal.text())) }
      if let calls = message.present("tool_calls") {
        for call in try calls.expect(.array).elements { turn.parts.append(.call(try self.call(call))) }
      }
      if let call = message.present("function_call") {
        self.losses.dropUnknown(of: call, except: ["name", "arguments"])
        self.sawLegacyCalls = true
        turn.parts.append(
          .call(
            ToolCall(
              id: "fc_\(self.legacyCalls)", name: try call.required("name").filledName(),
              arguments: try Self.arguments(call), value: call)))
        self.legacyCalls += 1
      }
      return turn
    }

    private mutating func readReasoning(_ message: JSONValue, _ turn: inout Turn) throws(Refusal) {
      let value = message.present("reasoning_content") ?? message.present("reasoning")
      let details = message.present("reasoning_details")
      if self.isKept, value != nil || details != nil {
        let text = value.map(Text.init) ?? Text(literal: "")
        turn.parts.append(
          .reasoning(Reasoning(text: text, proof: .none, value: value ?? details, details: details)))
      } else if let value, value.kind == .string, !value.isEmptyString {
        turn.parts.append(.reasoning(Reasoning(text: Text(value), proof: .none, value: value)))
      } else if let details, !details.isEmptyContainer {
        self.losses.drop(details, because: "thinking goes back only to where it came from")
      }
    }

    private mutating func call(_ value: JSONValue) throws(Refusal) -> ToolCall {
      let extra = self.isKept ? value.present("extra_content") : nil
      if extra == nil {
        self.losses.dropUnknown(
          of: try value.expect(.object), except: ["id", "type", "index", "function", "custom"])
      }
      let id = try value.optional("id", .string)?.string ?? ""
      if let custom = value.present("custom") {
        self.losses.dropUnknown(of: custom, except: ["name", "input"])
        return ToolCall(
          id: id, name: try custom.required("name").filledName(),
          arguments: .free(custom.present("input").map(Text.init) ?? Text(literal: "")), value: value)
      }
      let function = try value.required("function").expect(.object)
      self.losses.dropUnknown(of: function, except: ["name", "arguments"])
      return ToolCall(
        id: id, name: try function.required("name").filledName(), arguments: try Self.arguments(function),
        value: value, extra: extra)
    }

    private static func arguments(_ function: JSONValue) throws(Refusal) -> Arguments {
      guard let arguments = function.present("arguments") else { return .text(Text(literal: "")) }
      if arguments.kind == .object { return .object(arguments) }
      return .text(try arguments.text())
    }

    // MARK: Parts

    private mutating func parts(of content: JSONValue) throws(Refusal) -> [Part] {
      if content.kind == .string { return [.text(TextPart(Text(content), value: content))] }
      // A part that stands alone, and empty places in a list, were always understood (A3).
      if content.kind == .object { return [try self.part(content)] }
      guard content.kind == .array else { throw content.wrongKind("a string or an array") }
      var parts: [Part] = []
      for part in content.elements where !part.isNull { parts.append(try self.part(part)) }
      return parts
    }

    private mutating func part(_ value: JSONValue) throws(Refusal) -> Part {
      if value.kind == .string { return .text(TextPart(Text(value), value: value)) }
      self.losses.dropUnknown(
        of: try value.expect(.object),
        except: [
          "type", "text", "value", "refusal", "image_url", "image", "file", "prompt_cache_breakpoint",
          "cache_control",
        ])
      let mark = self.mark(of: value)
      switch try value.optional("type", .string)?.string ?? "text" {
      case "text", "input_text", "output_text":
        return .text(TextPart(try self.words(of: value), cache: mark, value: value))
      case "refusal": return .refusal(try value.required("refusal").text())
      case "image_url", "input_image", "image":
        let image = try value.required(value.present("image") == nil ? "image_url" : "image")
        if let detail = image.present("detail"), !detail.matches("auto") {
          self.losses.drop(detail, because: "the upstream chooses the detail itself")
        }
        self.losses.dropUnknown(of: image, except: ["url", "detail"])
        let url = image.kind == .string ? image : try image.required("url").expect(.string)
        return .media(Media(source: try Self.imageSource(url), cache: mark, value: value))
      case "file": return try self.file(try value.required("file").expect(.object), value, mark)
      case let other:
        throw .unsupported(
          value.present("type") ?? value,
          "Content of type `\(other.quoted)` cannot be sent to this upstream.")
      }
    }

    /// The text of a part; where it is empty or missing, `value` says it.
    private mutating func words(of part: JSONValue) throws(Refusal) -> Text {
      let other = try part.optional("value", .string)
      if let text = part.present("text"), other == nil || !text.isEmptyString {
        if let other { self.losses.drop(other, because: "the text stands beside it") }
        return try text.text()
      }
      if let other { return Text(other) }
      return try part.required("text").text()
    }

    private mutating func mark(of part: JSONValue) -> CacheMark? {
      guard let mark = part.present("prompt_cache_breakpoint") ?? part.present("cache_control"),
        mark.kind == .object
      else { return nil }
      self.losses.dropUnknown(of: mark, except: ["type", "mode", "ttl"])
      let isLong = mark["ttl"]?.matches("12h") == true || mark["ttl"]?.matches("1h") == true
      return CacheMark(isLong: isLong, value: mark)
    }

    private static func imageSource(_ url: JSONValue) throws(Refusal) -> Media.Source {
      if let uri = try DataURI.read(url) { return .base64(type: uri.type, data: uri.data) }
      let text = Text(url)
      guard text.hasPrefix("http://", ignoringCase: true) || text.hasPrefix("https://", ignoringCase: true)
      else {
        throw Refusal(url, "`\(url.path)` must be a data, http or https URL.")
      }
      return .url(text)
    }

    private mutating func file(
      _ file: JSONValue, _ value: JSONValue, _ mark: CacheMark?
    ) throws(Refusal) -> Part {
      if let id = file.present("file_id") {
        throw .unsupported(id, "A file of another vendor's store cannot be resolved.")
      }
      self.losses.dropUnknown(of: file, except: ["filename", "file_data"])
      let title = file.present("filename").map(Text.init)
      let data = try file.required("file_data").expect(.string)
      guard let uri = try DataURI.read(data) else {
        throw Refusal(data, "`\(data.path)` must be a data URL.")
      }
      if uri.type == "application/pdf" {
        return .document(
          Attachment(title: title, source: .base64(type: uri.type, data: uri.data), cache: mark, value: value)
        )
      }
      if uri.type.hasPrefix("image/") {
        return .media(Media(source: .base64(type: uri.type, data: uri.data), cache: mark, value: value))
      }
      guard uri.type.hasPrefix("text/"), let bytes = Base64.decode(uri.data.plainBytes) else {
        throw .unsupported(data, "A file of type `\(uri.type.quoted)` cannot be sent to this upstream.")
      }
      let text = Text(plain: String(decoding: bytes, as: UTF8.self))
      return .document(Attachment(title: title, source: .plain(text), cache: mark, value: value))
    }
  }
}

/// The parts of a `data:` URL with a base64 payload.
struct DataURI {
  let type: String
  /// Without white space.
  let data: Text

  /// Nil when the value is no data URL at all.
  static func read(_ value: JSONValue) throws(Refusal) -> DataURI? {
    guard let content = value.content, Text(value).hasPrefix("data:", ignoringCase: true) else { return nil }
    let bytes = value.document.bytes[content.range]
    guard let comma = bytes.prefix(256).firstIndex(of: 0x2C) else {
      throw Refusal(value, "`\(value.path)` is no data URL.")
    }
    let head = String(decoding: bytes[(bytes.startIndex + 5)..<comma].filter { $0 != 0x5C }, as: UTF8.self)
    let fields = head.lowercased().split(separator: ";", omittingEmptySubsequences: false).map(String.init)
    guard fields.last == "base64", let type = fields.first else {
      throw Refusal(value, "`\(value.path)` must be a base64 data URL.")
    }
    let slice = JSONSlice(offset: comma + 1, count: content.range.upperBound - comma - 1)
    let data = Text(value.document, slice)
    // Wrapped text has its blanks early or at its end; the megabytes between need no look.
    let payload = bytes[slice.range]
    let isWrapped = payload.prefix(128).contains(0x20) || payload.last == 0x20
    if !value.hasEscapes, !isWrapped { return DataURI(type: type, data: data) }
    let clean = data.plainBytes.filter { $0 > 0x20 }
    return DataURI(type: type, data: Text(plain: String(decoding: clean, as: UTF8.self)))
  }
}
