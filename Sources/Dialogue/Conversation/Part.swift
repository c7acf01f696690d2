package import Wire

/// Who speaks in a turn.
package enum Role: Sendable {
  case system
  case user
  case assistant
}

/// What one side says before the other does, or an instruction at its place between them.
package struct Turn {
  package var role: Role
  package var parts: [Part]
  /// Answers to the calls of the turn before; filled by `Repair`, until then they stand among the parts.
  package var results: [ToolResult] = []
  /// An instruction whose place the target cannot keep.
  package var isMisplaced = false
  package let value: JSONValue?

  package init(_ role: Role, _ parts: [Part], value: JSONValue? = nil) {
    self.role = role
    self.parts = parts
    self.value = value
  }

  var isEmpty: Bool { self.parts.isEmpty && self.results.isEmpty }

  var hasEmptyText: Bool { self.parts.contains { $0.isEmptyText } }

  var isCalling: Bool {
    self.parts.contains { if case .call = $0 { true } else { false } }
  }

  /// Results stand among its parts.
  var isAnswering: Bool {
    self.parts.contains { if case .result = $0 { true } else { false } }
  }

  var calls: [ToolCall] {
    self.parts.compactMap {
      if case .call(let call) = $0 { call } else { nil }
    }
  }
}

/// One piece of a turn.
package enum Part {
  case text(TextPart)
  case media(Media)
  case document(Attachment)
  case call(ToolCall)
  case result(ToolResult)
  case reasoning(Reasoning)
  case refusal(Text)

  var isEmptyText: Bool { if case .text(let text) = self { text.text.isEmpty } else { false } }
}

/// Asks the upstream to cache everything up to here.
package struct CacheMark {
  /// Longer than the shortest the upstream knows.
  package let isLong: Bool
  package let value: JSONValue
}

package struct TextPart {
  package var text: Text
  package var cache: CacheMark?
  package var value: JSONValue?

  package init(_ text: Text, cache: CacheMark? = nil, value: JSONValue? = nil) {
    self.text = text
    self.cache = cache
    self.value = value
  }
}

/// An image.
package struct Media {
  package enum Source {
    case base64(type: String, data: Text)
    case url(Text)
  }

  package let source: Source
  package var cache: CacheMark?
  package let value: JSONValue
}

/// A document the model is to read.
package struct Attachment {
  package enum Source {
    case base64(type: String, data: Text)
    case plain(Text)
    case parts([Part])
    case url(Text)
  }

  package let title: Text?
  package let source: Source
  package var cache: CacheMark?
  package let value: JSONValue
}

/// What a call passes to its tool.
package enum Arguments {
  /// A JSON object as it was written.
  case object(JSONValue)
  /// JSON inside a string, or what a model believes to be JSON.
  case text(Text)
  /// The free text of a custom tool.
  case free(Text)
}

package struct ToolCall {
  package var id: String
  package var name: String
  package let arguments: Arguments
  package let value: JSONValue?
  package var cache: CacheMark?
  /// What the upstream that made the call wants back with it.
  package var extra: JSONValue?
}

package struct ToolResult {
  package var callID: String
  package var parts: [Part]
  package let isError: Bool
  package let value: JSONValue?
  package var cache: CacheMark?
  /// The name of the tool, where the protocol repeats it or has nothing else.
  package var name: String?
}

/// What the model thought, with whatever proves it to its origin.
package struct Reasoning {
  package enum Proof {
    case none
    /// A signature over the text.
    case signature(Text)
    /// No text, only what the origin can read.
    case sealed(Text)
  }

  package let text: Text
  package let proof: Proof
  package let value: JSONValue?
  /// A vendor's own record of it, which goes back as it is.
  package var details: JSONValue?
  /// The upstream's own block, remembered since its answer: it goes back as it was.
  package var isRestored = false
}
