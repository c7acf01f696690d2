import Wire

extension ChatCompletions {
  /// The members of a chunk that mean something, found in one pass over each level.
  struct Chunk {
    private(set) var hasChoice = false
    private(set) var delta: JSONValue?
    private(set) var message: JSONValue?
    private(set) var reason: JSONValue?
    private(set) var matched: JSONValue?
    private(set) var usage: JSONValue?
    private(set) var logprobs: JSONValue?
    private(set) var isError = false
    /// A text or a list that stands where an error's would.
    private var hasMessage = false

    /// Where the delta is, in a chunk that holds nothing else.
    var deltaPlace: JSONPlace? {
      guard self.message == nil, self.reason == nil, self.matched == nil, self.usage == nil,
        self.logprobs == nil, !self.isError
      else { return nil }
      return self.delta.map { $0.document.place(of: $0) }
    }

    init(_ root: JSONValue) {
      if root.kind == .array {
        self.isError = root.elements.contains { $0.present("error") != nil }
        return
      }
      var inner: JSONValue?
      var member = root.members
      while member.advance() {
        if member.isNull { continue }
        if member.isNamed("choices") {
          self.readChoices(member.value, &inner)
        } else if member.isNamed("usage") {
          self.usage = member.value
        } else if member.isNamed("error") {
          self.isError = self.isError || Self.isTruthy(member.value)
        } else if member.isNamed("object") {
          self.isError = self.isError || member.value.matches("error")
        } else if member.isNamed("x_groq"), inner == nil {
          inner = member.value.present("usage")
        } else if member.isNamed("message") || member.isNamed("detail") {
          self.hasMessage = member.value.kind == .string || member.value.kind == .array
        }
      }
      if self.usage == nil { self.usage = inner }
      if self.hasMessage, !self.hasChoice, self.usage == nil { self.isError = true }
    }

    private static func isTruthy(_ error: JSONValue) -> Bool {
      error.kind == .object || error.bool == true || (error.kind == .string && !error.isEmptyString)
    }

    /// Choices other than the first were not asked for.
    private mutating func readChoices(_ choices: JSONValue, _ usage: inout JSONValue?) {
      for choice in choices.elements where choice.kind == .object {
        if let index = choice["index"]?.integer, index != 0 { continue }
        self.hasChoice = true
        var member = choice.members
        while member.advance() {
          if member.isNull { continue }
          let value = member.value
          if member.isNamed("delta") {
            if value.kind == .object { self.delta = value }
          } else if member.isNamed("finish_reason") {
            if value.kind == .string, !value.isEmptyString { self.reason = value }
          } else if member.isNamed("message") {
            if value.kind == .object { self.message = value }
          } else if member.isNamed("usage") {
            usage = value
          } else if member.isNamed("logprobs") {
            self.logprobs = value
          } else if member.isNamed("stop_reason") || member.isNamed("matched_stop") {
            if value.kind == .string { self.matched = value }
          }
        }
        return
      }
    }
  }
}
