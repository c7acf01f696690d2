internal import Dialogue
internal import Wire

/// What a client is told when its upstream answers 404 and does not list the model that was asked for.
package struct MissingModel: Sendable {
  private static let longestName = 256

  /// Told in an answer with status 200, as old clients of the listing expect it.
  let isAnswer: Bool
  private let name: String
  private let list: ModelList

  /// nil: the upstream has the model, or has said nothing of what it has.
  package init?(asked: String?, sent: String?, in list: ModelList?, isAnswer: Bool) {
    guard let list, !list.isEmpty, let sent, list.find(sent)?.id != sent else { return nil }
    self.isAnswer = isAnswer
    self.name = (asked ?? sent).printable(atMost: Self.longestName)
    self.list = list
  }

  var text: String { ModelListing.text(missing: self.name, in: self.list) }

  /// The answer an upstream that speaks Chat Completions would give to say it.
  func reply(isStreaming: Bool) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("id", "chatcmpl-listing")
    json.key("choices")
    json.beginArray()
    json.beginObject()
    json.member("index", 0)
    if isStreaming { json.key("delta") } else { json.key("message") }
    json.beginObject()
    json.member("role", "assistant")
    json.member("content", self.text)
    json.endObject()
    json.member("finish_reason", "stop")
    json.endObject()
    json.endArray()
    json.key("usage")
    json.beginObject()
    json.member("prompt_tokens", 0)
    json.member("completion_tokens", 50)
    json.endObject()
    json.endObject()
    let body = json.takeBytes()
    return isStreaming ? Array("data: ".utf8) + body + Array("\n\ndata: [DONE]\n\n".utf8) : body
  }
}
