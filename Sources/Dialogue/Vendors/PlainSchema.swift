import Wire

/// Rewrites a tool's schema for upstreams that read a small part of JSON Schema only (matrix G-gemini).
enum PlainSchema {
  private static let removed: Set<String> = [
    "$schema", "$id", "patternProperties", "additionalProperties", "const", "oneOf", "examples",
    "propertyNames",
  ]

  static func write(_ schema: JSONValue, to writer: inout JSONWriter) {
    guard schema.kind == .object else {
      writer.value("{}")
      return
    }
    writer.beginObject()
    var isArray = false
    for member in schema.members {
      switch member.name {
      case "type":
        isArray = isArray || member.value.matches("array")
        self.writeType(member.value, of: schema, to: &writer)
      case "properties", "$defs", "definitions":
        writer.key(text: member.name)
        writer.beginObject()
        for property in member.value.members {
          writer.key(text: property.name)
          self.write(property.value, to: &writer)
        }
        writer.endObject()
      case "items":
        writer.key("items")
        self.write(member.value, to: &writer)
      case "allOf":
        writer.key("allOf")
        writer.beginArray()
        for element in member.value.elements { self.write(element, to: &writer) }
        writer.endArray()
      case "anyOf", "oneOf": self.writeAlternatives(member.value, of: schema, member.name, to: &writer)
      case "const":
        guard member.value.kind == .string else { continue }
        writer.key("enum")
        writer.beginArray()
        writer.raw(member.value)
        writer.endArray()
      case "enum":
        guard member.value.elements.allSatisfy({ $0.kind == .string }) else { continue }
        writer.key("enum")
        writer.raw(member.value)
      case let name where self.removed.contains(name): continue
      default:
        writer.key(text: member.name)
        writer.raw(member.value)
      }
    }
    if isArray, schema.present("items") == nil {
      writer.key("items")
      writer.value(#"{"type":"string"}"#)
    }
    writer.endObject()
  }

  /// A list of types becomes the one that is not null, with a word that null is allowed; several become
  /// alternatives.
  private static func writeType(_ type: JSONValue, of schema: JSONValue, to writer: inout JSONWriter) {
    guard type.kind == .array else {
      writer.key("type")
      writer.raw(type)
      return
    }
    let types = type.elements.filter { !$0.matches("null") }
    if types.count > 1, schema.present("anyOf") == nil, schema.present("oneOf") == nil {
      writer.key("anyOf")
      writer.beginArray()
      for type in types { self.writeAlternative(type, of: schema, to: &writer) }
      writer.endArray()
    } else if let first = types.first {
      writer.key("type")
      writer.raw(first)
    }
    if type.elements.contains(where: { $0.matches("null") }) {
      writer.key("nullable")
      writer.bool(true)
    }
  }

  private static func writeAlternative(
    _ type: JSONValue, of schema: JSONValue, to writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.key("type")
    writer.raw(type)
    if type.matches("array"), schema.present("items") == nil {
      writer.key("items")
      writer.value(#"{"type":"string"}"#)
    }
    writer.endObject()
  }

  private static func writeAlternatives(
    _ list: JSONValue, of schema: JSONValue, _ name: String, to writer: inout JSONWriter
  ) {
    if name == "oneOf", schema.present("anyOf") != nil { return }
    writer.key("anyOf")
    writer.beginArray()
    for element in list.elements { self.write(element, to: &writer) }
    writer.endArray()
  }
}
