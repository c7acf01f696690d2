internal import Wire

/// The models the demo lists, in both protocols' shapes at once, and the counting of tokens.
internal enum DemoModels {
  private static let names: [StaticString] = ["demo-large", "demo-small"]

  static func list(serial: Int) -> DemoReply {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("object")
    writer.string(plain: "list")
    writer.key("data")
    writer.beginArray()
    for name in self.names { self.write(name, to: &writer) }
    writer.endArray()
    writer.key("has_more")
    writer.bool(false)
    writer.key("first_id")
    writer.string(plain: "demo-large")
    writer.key("last_id")
    writer.string(plain: "demo-small")
    writer.endObject()
    return DemoReply(status: 200, speaker: .chat, serial: serial, json: writer.bytes)
  }

  /// The model a path of the form `/v1/models/ID` names.
  static func model(at path: String) -> StaticString? {
    self.names.first { path == "/v1/models/\($0)" }
  }

  static func reply(_ name: StaticString, serial: Int) -> DemoReply {
    var writer = JSONWriter()
    self.write(name, to: &writer)
    return DemoReply(status: 200, speaker: .chat, serial: serial, json: writer.bytes)
  }

  static func count(_ request: DemoRequest, serial: Int) -> DemoReply {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("input_tokens")
    writer.integer(request.inputTokens)
    writer.endObject()
    return DemoReply(status: 200, speaker: .messages, serial: serial, json: writer.bytes)
  }

  private static func write(_ name: StaticString, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("id")
    writer.string(plain: name)
    writer.key("object")
    writer.string(plain: "model")
    writer.key("type")
    writer.string(plain: "model")
    writer.key("display_name")
    writer.string(plain: name)
    writer.key("created")
    writer.integer(0)
    writer.key("created_at")
    writer.string(plain: "1970-01-01T00:00:00Z")
    writer.key("owned_by")
    writer.string(plain: "claude-proxy")
    writer.endObject()
  }
}
