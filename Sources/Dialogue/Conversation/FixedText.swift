import Wire

/// The texts the daemon puts into a conversation (matrix B7); they are part of its contract.
enum FixedText {
  static let noResult: StaticString = "no result was provided for this tool call"
  static let firstUser: StaticString = "."
  static let goOn: StaticString = "Please continue."
  static let afterTool: StaticString = "OK."
  static let stubTool: StaticString = "Not available in this request."
  static let refusal: StaticString = "The model declined to answer."
  static let truncated = "Upstream stream ended before completion"
  static let jsonObject: StaticString =
    "Reply with one valid JSON object only, without code fences or any other text."
  static let callAny: StaticString = "Call one of the provided tools in this turn."

  static func call(_ name: String) -> Text { Text(plain: "Call the tool \(name) in this turn.") }

  static func orphan(_ id: String, _ text: Text) -> Text {
    Text.joined([Text(plain: "[result of unknown tool call \(id)]"), text], by: #"\n"#)
  }

  static func document(_ title: Text?, _ text: Text?) -> Text {
    let head = title.map { Text.joined([Text(literal: "[document: "), $0, Text(literal: "]")], by: "") }
    return Text.joined([head ?? Text(literal: "[document]"), text].compactMap(\.self), by: #"\n"#)
  }

  /// For upstreams that take no schema: the words of JSON mode and the schema's own text.
  static func schema(_ schema: JSONValue) -> Text {
    var text: [UInt8] = []
    text.append(literal: Self.jsonObject)
    text.append(literal: #"\n"#)
    let bytes = schema.document.bytes
    JSONCompaction.appendEscaped(bytes.span.extracting(schema.slice.range), to: &text)
    return Text(escaped: text)
  }

  static func movedImage(_ number: Int) -> Text {
    Text(plain: "[image \(number) of this tool result is in the next user message]")
  }

  static func imageHead(_ id: String, _ number: Int) -> Text {
    Text(plain: "[tool result \(id), image \(number)]")
  }

  static func custom(_ description: Text?, _ grammar: Tool.Grammar?) -> Text {
    var texts: [Text] = []
    if let description, !description.isEmpty { texts += [description, Text(literal: #"\n\n"#)] }
    texts.append(Text(literal: "Put the raw text in `input`."))
    if let grammar {
      texts += [
        Text(literal: " It must match this "), grammar.syntax, Text(literal: #" grammar:\n"#),
        grammar.definition,
      ]
    }
    return Text.joined(texts, by: "")
  }
}

/// Tools the client runs though their schema is the protocol owner's (matrix A-tools-5).
package enum BuiltInTool: Sendable {
  case bash
  case textEditor
  case memory

  init?(type: String) {
    if type.hasPrefix("bash_") {
      self = .bash
    } else if type.hasPrefix("text_editor_") {
      self = .textEditor
    } else if type.hasPrefix("memory_") {
      self = .memory
    } else {
      return nil
    }
  }

  var description: StaticString {
    switch self {
    case .bash: "Run a shell command in a persistent session."
    case .textEditor: "View, create and edit text files."
    case .memory: "View, create and edit files of the memory directory."
    }
  }

  var schema: StaticString {
    switch self {
    case .bash:
      #"{"type":"object","properties":{"command":{"type":"string","description":"Command to run."},"restart":{"type":"boolean","description":"Restart the session instead of running a command."}}}"#
    case .textEditor:
      #"{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"]},"path":{"type":"string"},"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer"},"insert_text":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}}},"required":["command","path"]}"#
    case .memory:
      #"{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},"path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}},"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer"},"insert_text":{"type":"string"},"old_path":{"type":"string"},"new_path":{"type":"string"}},"required":["command"]}"#
    }
  }
}
