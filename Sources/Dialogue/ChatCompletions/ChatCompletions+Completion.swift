import Wire

extension ChatCompletions {
  /// The members of a whole answer that mean something, found in one pass over each level. Of members of one name the
  /// last counts, be it null.
  struct Completion {
    /// The answer that was asked for.
    struct Choice {
      fileprivate(set) var message: JSONValue?
      fileprivate(set) var reason: JSONValue?
      fileprivate(set) var logprobs: JSONValue?
      fileprivate(set) var matched: JSONValue?
      fileprivate var usage: JSONValue?
      fileprivate var index = 0
    }

    private(set) var choice: Choice?
    /// Those nobody asked for.
    private(set) var others: [JSONValue] = []
    private(set) var serviceTier: JSONValue?
    private(set) var usage: JSONValue?
    /// Something stands there that may say that this is an error.
    private(set) var isSuspect = false

    init(_ root: JSONValue) {
      self.isSuspect = root.kind == .array
      var choices: JSONValue?
      var extra: JSONValue?
      var member = root.members
      while member.advance() {
        if member.isNamed("choices") {
          choices = member.value
        } else if member.isNamed("usage") {
          self.usage = member.value
        } else if member.isNamed("service_tier") {
          self.serviceTier = member.value
        } else if member.isNamed("x_groq") {
          extra = member.value
        } else if member.isNamed("error") || member.isNamed("message") || member.isNamed("detail") {
          self.isSuspect = self.isSuspect || !member.isNull
        } else if member.isNamed("object") {
          self.isSuspect = self.isSuspect || member.value.matches("error")
        }
      }
      if let choices { self.read(choices) }
      self.usage = self.usage?.unlessNull ?? self.choice?.usage?.unlessNull ?? extra?.present("usage")
    }

    private mutating func read(_ choices: JSONValue) {
      for element in choices.elements {
        let choice = Self.choice(element)
        if choice.index != 0 {
          self.others.append(element)
        } else if self.choice == nil {
          self.choice = choice
        }
      }
    }

    private static func choice(_ value: JSONValue) -> Choice {
      var choice = Choice()
      var matchedStop: JSONValue?
      var member = value.members
      while member.advance() {
        if member.isNamed("index") {
          choice.index = member.value.integer ?? 0
        } else if member.isNamed("message") {
          choice.message = member.value.unlessNull
        } else if member.isNamed("finish_reason") {
          choice.reason = member.value
        } else if member.isNamed("usage") {
          choice.usage = member.value
        } else if member.isNamed("logprobs") {
          choice.logprobs = member.value.unlessNull
        } else if member.isNamed("stop_reason") {
          choice.matched = member.value.unlessNull
        } else if member.isNamed("matched_stop") {
          matchedStop = member.value.unlessNull
        }
      }
      choice.matched = choice.matched ?? matchedStop
      return choice
    }
  }
}

extension JSONValue {
  fileprivate var unlessNull: JSONValue? { self.isNull ? nil : self }
}
