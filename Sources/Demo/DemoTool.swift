internal import Wire

/// Makes up a call of a tool from what the request offers.
internal enum DemoTool {
  private static let depthLimit = 16

  /// Name and arguments of a call of the first tool that has a name, else of a well-known one.
  static func call(offeredIn root: JSONValue, speaker: DemoSpeaker) -> (name: String, arguments: String) {
    for tool in root["tools"]?.elements.map({ $0 }) ?? [] {
      let function = speaker == .chat ? tool["function"] : tool
      guard let function, let name = function["name"]?.string, !name.isEmpty else { continue }
      var writer = JSONWriter()
      if let schema = function[speaker == .chat ? "parameters" : "input_schema"], schema.kind == .object {
        Self.object(schema, to: &writer, depth: 0)
      } else {
        writer.value("{}")
      }
      return (name, String(decoding: writer.bytes, as: UTF8.self))
    }
    return ("get_weather", #"{"city":"Paris","unit":"celsius"}"#)
  }

  private static func object(_ schema: JSONValue, to writer: inout JSONWriter, depth: Int) {
    writer.beginObject()
    for name in schema["required"]?.elements.compactMap(\.string) ?? [] {
      writer.key(text: name)
      if let property = schema["properties"]?.member(named: name) {
        Self.value(property, name, to: &writer, depth: depth + 1)
      } else {
        writer.string("demo")
      }
    }
    writer.endObject()
  }

  private static func value(_ schema: JSONValue, _ name: String, to writer: inout JSONWriter, depth: Int) {
    if let fixed = schema["const"] ?? schema["enum"]?.elements.first(where: { _ in true })
      ?? schema["default"]
    {
      return writer.compact(fixed)
    }
    for word in ["anyOf", "oneOf", "allOf"] {
      if depth < Self.depthLimit,
        let branch = schema.member(named: word)?.elements.first(where: { _ in true })
      {
        return Self.value(branch, name, to: &writer, depth: depth + 1)
      }
    }
    let type = schema["type"]?.string ?? schema["type"]?.elements.first(where: { _ in true })?.string
    switch type {
    case "integer", "number":
      if let least = schema["minimum"], least.kind == .number { return writer.compact(least) }
      writer.integer(1)
    case "boolean":
      writer.bool(true)
    case "null":
      writer.null()
    case "array":
      writer.beginArray()
      if depth < Self.depthLimit, let items = schema["items"], items.kind == .object {
        Self.value(items, name, to: &writer, depth: depth + 1)
      }
      writer.endArray()
    case "object":
      if depth < Self.depthLimit { return Self.object(schema, to: &writer, depth: depth) }
      writer.value("{}")
    default:
      writer.string("demo \(name)")
    }
  }
}
