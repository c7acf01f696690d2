package import Settings
package import Wire

/// The operator's limits on what a Messages request holds, told in the words older clients know.
package struct RequestChecks: Sendable {
  private let limits: Limits
  private let isNeeded: Bool

  package init(_ limits: Limits) {
    self.limits = limits
    self.isNeeded = limits.messages != nil || limits.contentBytes != nil || limits.systemBytes != nil
  }

  /// Nil: the request may go on. Whatever has another shape than it should have is for its reader to refuse.
  package func fault(in request: JSONValue) -> ErrorReply? {
    guard self.isNeeded else { return nil }
    let messages = request.present("messages")
    if let messages, let most = self.limits.messages, Self.count(messages, upTo: most) > most {
      return Self.refusal(400, "too_many_messages", "At most \(most) messages are accepted.")
    }
    if let messages, let most = self.limits.contentBytes, Self.contentBytes(messages, beyond: most) > most {
      return Self.refusal(413, "content_too_large", "At most \(most) bytes of content are accepted.")
    }
    if let system = request.present("system"), let most = self.limits.systemBytes,
      Self.bytes(of: system) > most
    {
      return Self.refusal(
        400, "system_prompt_too_large", "At most \(most) bytes of system prompt are accepted.")
    }
    return nil
  }

  /// A request that has nothing to answer; counting its tokens is legal all the same.
  package static func emptiness(of request: JSONValue) -> ErrorReply? {
    guard let messages = request["messages"], messages.kind == .array, messages.isEmptyContainer else {
      return nil
    }
    return self.refusal(400, "empty_messages", "At least one message is required.")
  }

  private static func refusal(_ status: Int, _ word: String, _ message: String) -> ErrorReply {
    ErrorReply(status: status, message: message, code: word, leadsMessage: true)
  }

  private static func count(_ messages: JSONValue, upTo most: Int) -> Int {
    var count = 0
    for _ in messages.elements {
      count += 1
      if count > most { break }
    }
    return count
  }

  private static func contentBytes(_ messages: JSONValue, beyond most: Int) -> Int {
    var total = 0
    for message in messages.elements {
      if let content = message.present("content") { total += self.bytes(of: content) }
      if total > most { break }
    }
    return total
  }

  /// Texts as they are read, everything else as JSON.
  private static func bytes(of value: JSONValue) -> Int {
    guard value.hasEscapes else { return value.content?.count ?? value.slice.count }
    var text: [UInt8] = []
    value.appendText(to: &text)
    return text.count
  }
}
