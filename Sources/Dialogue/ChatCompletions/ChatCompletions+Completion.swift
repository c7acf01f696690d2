import Wire

extension ChatCompletions {
  /// The members of a whole answer that mean something, found in one pass over each level. Of members of one name the
  /// last counts, be it null.
  struct Completion {
    /// Of the answer that was asked for.
    private(set) var message: JSONValue?
    private(set) var reason: JSONValue?
    private(set) var logprobs: JSONValue?
    private(set) var matched: JSONValue?
    private var hasChoice = false
    /// The answers nobody asked for.
    private(set) var others: [JSONValue] = []
    private(set) var serviceTier: JSONValue?
    private(set) var usage: JSONValue?
    private var choiceUsage: JSONValue?
    /// Something stands there that may say that this is an error.
    private(set) var isSuspect = false

    /// A whole one is not copied when it is read in place.
    mutating func read(_ root: JSONValue) {
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
      if let choices { self.readChoices(choices) }
      if self.usage?.isNull != false { self.usage = self.choiceUsage ?? extra?.present("usage") }
    }

    private mutating func readChoices(_ choices: JSONValue) {
      for element in choices.elements {
        if let index = element["index"]?.integer, index != 0 {
          self.others.append(element)
        } else if !self.hasChoice {
          self.readChoice(element)
        }
      }
    }

    private mutating func readChoice(_ value: JSONValue) {
      self.hasChoice = true
      var matchedStop: JSONValue?
      var member = value.members
      while member.advance() {
        if member.isNamed("message") {
          self.message = member.value.unlessNull
        } else if member.isNamed("finish_reason") {
          self.reason = member.value
        } else if member.isNamed("usage") {
          self.choiceUsage = member.value.unlessNull
        } else if member.isNamed("logprobs") {
          self.logprobs = member.value.unlessNull
        } else if member.isNamed("stop_reason") {
          self.matched = member.value.unlessNull
        } else if member.isNamed("matched_stop") {
          matchedStop = member.value.unlessNull
        }
      }
      self.matched = self.matched ?? matchedStop
    }
  }
}

extension JSONValue {
  fileprivate var unlessNull: JSONValue? { self.isNull ? nil : self }
}
