import Wire

/// What the structured-output modes of the protocols accept of JSON Schema.
enum SchemaRules {
  private static let strictKeys: Set<String> = [
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref",
    "$defs",
    "definitions", "description", "title", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minItems", "maxItems",
  ]

  /// Whether OpenAI's strict mode takes the schema as it is: closed objects, every property required.
  static func fitsOpenAIStrict(_ schema: JSONValue) -> Bool {
    guard schema["type"]?.matches("object") == true, schema.present("anyOf") == nil else { return false }
    return self.check(schema) { object in
      let properties = object["properties"]?.members.map(\.name) ?? []
      let required = Set(object["required"]?.elements.compactMap(\.string) ?? [])
      return properties.allSatisfy(required.contains)
        && object.members.allSatisfy {
          self.strictKeys.contains($0.name)
            && ($0.name != "format" || self.openAIFormats.contains($0.value.string ?? ""))
        }
    }
  }

  private static let openAIFormats: Set<String> = [
    "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid",
  ]

  private static let claudeKeys: Set<String> = [
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref",
    "$defs",
    "definitions", "description", "title", "default", "format", "pattern", "minItems",
  ]
  static let claudeFormats: Set<String> = [
    "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
  ]

  /// Whether Anthropic's strict tools take the schema as it is.
  static func fitsClaudeStrict(_ schema: JSONValue) -> Bool {
    guard schema["type"]?.matches("object") == true else { return false }
    return self.check(schema) { object in
      object.members.allSatisfy { self.claudeKeys.contains($0.name) && self.isKept($0.name, $0.value) }
    }
  }

  /// Whether a keyword of the list above has a value that is accepted (matrix A4.5, 3).
  static func isKept(_ key: String, _ value: JSONValue) -> Bool {
    switch key {
    case "format": self.claudeFormats.contains(value.string ?? "")
    case "minItems": (value.integer ?? 2) <= 1
    case "pattern": self.isPlainPattern(value.string ?? "")
    default: true
    }
  }

  /// Without back-references, look-around, word boundaries and large repeats.
  private static func isPlainPattern(_ pattern: String) -> Bool {
    if pattern.contains("(?=") || pattern.contains("(?!") || pattern.contains("(?<") { return false }
    if pattern.contains("\\b") || pattern.contains("\\B") { return false }
    if (1...9).contains(where: { pattern.contains("\\\($0)") }) { return false }
    var digits = 0
    var isInside = false
    for scalar in pattern.unicodeScalars {
      switch scalar {
      case "{": (isInside, digits) = (true, 0)
      case "}": isInside = false
      case "0"..."9" where isInside:
        digits += 1
        if digits > 3 { return false }
      default: digits = 0
      }
    }
    return true
  }

  /// Runs a check on every sub-schema; objects must be closed.
  private static func check(_ schema: JSONValue, _ isGood: (JSONValue) -> Bool) -> Bool {
    if schema.kind == .bool { return false }
    guard schema.kind == .object, isGood(schema) else { return false }
    let isObject = schema["type"]?.matches("object") == true || schema.present("properties") != nil
    if isObject, schema["additionalProperties"]?.bool != false { return false }
    return self.children(of: schema).allSatisfy { self.check($0, isGood) }
  }

  static func children(of schema: JSONValue) -> [JSONValue] {
    var children: [JSONValue] = []
    for member in schema.members {
      switch member.name {
      case "properties", "$defs", "definitions", "patternProperties", "dependentSchemas":
        children += member.value.members.map(\.value)
      case "items", "prefixItems", "anyOf", "oneOf", "allOf":
        children += member.value.kind == .array ? Array(member.value.elements) : [member.value]
      case "not", "if", "then", "else", "contains", "propertyNames":
        children.append(member.value)
      default: break
      }
    }
    return children
  }

  /// Copies a tool's schema: as it came, but with what both protocols demand and without what the target refuses.
  static func writeToolSchema(_ schema: JSONValue?, without keys: [String], to writer: inout JSONWriter) {
    guard let schema else {
      writer.value(#"{"type":"object","properties":{}}"#)
      return
    }
    let lacksType = schema.present("type") == nil
    let lacksProperties = schema.present("properties") == nil
    if keys.isEmpty, !lacksType, !lacksProperties {
      writer.raw(schema)
      return
    }
    writer.beginObject()
    if lacksType {
      writer.key("type")
      writer.string("object")
    }
    for member in schema.members where !keys.contains(member.name) {
      if member.value.isNull, ["type", "properties"].contains(member.name) { continue }
      writer.key(text: member.name)
      if keys.isEmpty {
        writer.raw(member.value)
      } else {
        self.write(member.value, without: keys, isSchemaMap: member.name == "properties", to: &writer)
      }
    }
    if lacksProperties {
      writer.key("properties")
      writer.value("{}")
    }
    writer.endObject()
  }

  /// A keyword is removed wherever it is a keyword; a property of that name stays.
  private static func write(
    _ value: JSONValue, without keys: [String], isSchemaMap: Bool, to writer: inout JSONWriter
  ) {
    switch value.kind {
    case .object:
      writer.beginObject()
      for member in value.members where isSchemaMap || !keys.contains(member.name) {
        writer.key(text: member.name)
        self.write(
          member.value, without: keys, isSchemaMap: !isSchemaMap && member.name == "properties", to: &writer)
      }
      writer.endObject()
    case .array:
      writer.beginArray()
      for element in value.elements {
        self.write(element, without: keys, isSchemaMap: false, to: &writer)
      }
      writer.endArray()
    case .null, .bool, .number, .string: writer.raw(value)
    }
  }
}
