import Wire

extension Messages {
  /// Reads the content blocks of a message.
  struct BlockReader {
    var losses = Losses()

    static func cacheMark(_ value: JSONValue) -> CacheMark {
      CacheMark(isLong: value["ttl"]?.matches("1h") ?? false, value: value)
    }

    private func cache(_ block: JSONValue) -> CacheMark? {
      block.present("cache_control").map(Self.cacheMark)
    }

    mutating func textBlock(_ block: JSONValue) throws(Refusal) -> TextPart {
      guard try block.expect(.object).required("type").matches("text") else {
        throw Refusal(block, "`\(block.path)` must be a text block.")
      }
      self.losses.dropUnknown(of: block, except: ["type", "text", "cache_control"])
      return TextPart(try block.required("text").text(), cache: self.cache(block), value: block)
    }

    /// Nil for a block that only its own protocol understands; the loss is recorded.
    mutating func read(_ block: JSONValue, in role: Role) throws(Refusal) -> Part? {
      let type = try block.expect(.object).required("type").name()
      switch type {
      case "text": return .text(try self.textBlock(block))
      case "image": return .media(try self.image(block))
      case "document": return .document(try self.document(block))
      case "search_result": return .text(try self.searchResult(block))
      case "tool_use" where role == .assistant: return .call(try self.call(block))
      case "tool_result" where role == .user: return .result(try self.result(block))
      case "thinking" where role == .assistant:
        return .reasoning(
          Reasoning(
            text: try block.required("thinking").text(),
            proof: block.present("signature").map { .signature(Text($0)) } ?? .none, value: block))
      case "redacted_thinking" where role == .assistant:
        return .reasoning(
          Reasoning(text: Text(literal: ""), proof: .sealed(try block.required("data").text()), value: block))
      case "tool_use", "tool_result", "thinking", "redacted_thinking":
        throw Refusal(block, "A `\(type)` block cannot stand in this message.")
      default:
        self.losses.drop(block, word: type, because: "only the protocol's owner understands this block")
        return nil
      }
    }

    private mutating func image(_ block: JSONValue) throws(Refusal) -> Media {
      self.losses.dropUnknown(of: block, except: ["type", "source", "cache_control"])
      let source = try self.source(of: block)
      switch try source.required("type").name() {
      case "base64":
        return Media(
          source: .base64(
            type: try source.required("media_type").name(), data: try source.required("data").text()),
          cache: self.cache(block), value: block)
      case "url":
        return Media(source: .url(try source.required("url").text()), cache: self.cache(block), value: block)
      case "file": throw Self.foreignFile(source)
      case let other: throw Refusal(try source.required("type"), "Unknown image source `\(other.quoted)`.")
      }
    }

    private mutating func source(of block: JSONValue) throws(Refusal) -> JSONValue {
      let source = try block.required("source").expect(.object)
      self.losses.dropUnknown(
        of: source, except: ["type", "media_type", "data", "url", "content", "file_id"])
      return source
    }

    private static func foreignFile(_ source: JSONValue) -> Refusal {
      .unsupported(source["file_id"] ?? source, "A file of another vendor's store cannot be resolved.")
    }

    private mutating func document(_ block: JSONValue) throws(Refusal) -> Attachment {
      self.losses.dropUnknown(of: block, except: ["type", "source", "title", "cache_control"])
      let source = try self.source(of: block)
      let content: Attachment.Source
      switch try source.required("type").name() {
      case "base64":
        content = .base64(
          type: try source.required("media_type").name(), data: try source.required("data").text())
      case "text": content = .plain(try source.required("data").text())
      case "url": content = .url(try source.required("url").text())
      case "content": content = .parts(try self.innerBlocks(source.required("content")))
      case "file": throw Self.foreignFile(source)
      case let other: throw Refusal(try source.required("type"), "Unknown document source `\(other.quoted)`.")
      }
      return Attachment(
        title: block.present("title").map(Text.init), source: content, cache: self.cache(block), value: block)
    }

    /// A string or an array of blocks, without anything that belongs to a turn only.
    private mutating func innerBlocks(_ content: JSONValue) throws(Refusal) -> [Part] {
      if content.kind == .string { return [.text(TextPart(Text(content), value: content))] }
      guard content.kind == .array else { throw content.wrongKind("a string or an array") }
      var parts: [Part] = []
      for block in content.elements {
        if let part = try self.read(block, in: .system) { parts.append(part) }
      }
      return parts
    }

    private mutating func searchResult(_ block: JSONValue) throws(Refusal) -> TextPart {
      self.losses.dropUnknown(of: block, except: ["type", "source", "title", "content", "cache_control"])
      var lines = [try block.required("title").text(), try block.required("source").text()]
      for inner in try block.required("content").expect(.array).elements {
        lines.append(try self.textBlock(inner).text)
        if let mark = inner.present("cache_control") {
          self.losses.drop(mark, because: "the texts of a search result are sent as one")
        }
      }
      return TextPart(Text.joined(lines, by: #"\n"#), cache: self.cache(block), value: block)
    }

    private mutating func call(_ block: JSONValue) throws(Refusal) -> ToolCall {
      self.losses.dropUnknown(of: block, except: ["type", "id", "name", "input", "cache_control"])
      return ToolCall(
        id: try block.required("id").name(), name: try block.required("name").filledName(),
        arguments: .object(try block.required("input").expect(.object)), value: block,
        cache: self.cache(block))
    }

    private mutating func result(_ block: JSONValue) throws(Refusal) -> ToolResult {
      self.losses.dropUnknown(
        of: block, except: ["type", "tool_use_id", "content", "is_error", "cache_control"])
      var isError = false
      if let flag = block.present("is_error") { isError = try flag.flag() }
      var parts: [Part] = []
      if let content = block.present("content") { parts = try self.innerBlocks(content) }
      return ToolResult(
        callID: try block.required("tool_use_id").name(), parts: parts, isError: isError, value: block,
        cache: self.cache(block))
    }
  }
}

extension Losses {
  /// Reports every member that is neither null nor in the list.
  mutating func dropUnknown(of value: JSONValue, except known: [StaticString]) {
    var member = value.members
    while member.advance() {
      if known.contains(where: { member.isNamed($0) }) { continue }
      let value = member.value
      if value.isNull || value.isEmptyContainer { continue }
      // What the API does anyway is no loss.
      if value.bool == false, member.isNamed("defer_loading") || member.isNamed("eager_input_streaming") {
        continue
      }
      self.drop(value, because: "the upstream's protocol has no such field")
    }
  }
}
