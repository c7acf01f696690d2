internal import Wire

/// The one optional field an upstream has refused a request for, so that the request can go out once more without it
/// (matrix G, self-healing).
package enum RefusedField {
  /// How servers say that they do not know a field.
  private static let phrases = [
    "unknown parameter", "unsupported parameter", "does not support parameter", "extra_forbidden",
    "extra inputs are not permitted", "unrecognized request argument",
  ]

  /// Fields without which the same is still asked. What bounds the cost or shapes the answer is not among them.
  private static let optional = [
    "stream_options", "parallel_tool_calls", "temperature", "top_p", "top_k", "min_p", "seed", "user",
    "safety_identifier", "metadata", "service_tier", "frequency_penalty", "presence_penalty", "logit_bias",
    "logprobs", "top_logprobs", "prompt_cache_key", "prompt_cache_retention", "store", "verbosity",
    "reasoning_effort", "reasoning", "thinking", "output_config", "context_management", "enable_thinking",
    "chat_template_kwargs",
  ]
  private static let longestComplaint = 64 * 1024

  /// nil: the answer names none of the fields that were sent, or more than one.
  package static func find(status: Int, in answer: [UInt8], sent: [UInt8]) -> String? {
    guard status == 400 || status == 422, answer.count <= Self.longestComplaint else { return nil }
    let text = String(decoding: answer, as: UTF8.self).lowercased()
    let letters = Array(text.utf8)
    let isComplaint = Self.phrases.contains { text.contains($0) }
    // Servers that do not know this one have no common words for it (G-generic).
    guard isComplaint || Self.names("stream_options", letters), let document = try? JSONDocument(sent),
      document.root.kind == .object
    else { return nil }
    let named = (isComplaint ? Self.optional : ["stream_options"]).filter { name in
      Self.names(name, letters) && document.root.member(named: name) != nil
    }
    return named.count == 1 ? named.first : nil
  }

  /// The body without these fields, and those of them that were in it; nil if none was.
  package static func without(_ fields: [String], _ body: [UInt8]) -> (body: [UInt8], fields: [String])? {
    guard let document = try? JSONDocument(body), document.root.kind == .object else { return nil }
    var left: [String] = []
    var json = JSONWriter()
    json.reserve(body.count)
    json.beginObject()
    for member in document.root.members {
      if let field = fields.first(where: { member.key.matches(text: $0) }) {
        left.append(field)
      } else {
        json.key(text: member.key.string ?? "")
        json.raw(member.value)
      }
    }
    json.endObject()
    return left.isEmpty ? nil : (json.takeBytes(), left)
  }

  /// Whether the text holds the name, and not only as a part of another word.
  private static func names(_ name: String, _ text: [UInt8]) -> Bool {
    let wanted = Array(name.utf8)
    guard text.count >= wanted.count else { return false }
    for start in 0...(text.count - wanted.count) where text[start] == wanted[0] {
      let end = start + wanted.count
      guard text[start..<end].elementsEqual(wanted) else { continue }
      let isWhole =
        (start == 0 || !Self.isOfWord(text[start - 1])) && (end == text.count || !Self.isOfWord(text[end]))
      if isWhole { return true }
    }
    return false
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    byte == 0x5F || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
