import Wire

/// Rewrites a schema into what Anthropic's structured output takes (matrix A4.5).
enum SchemaTransform {
  private static let moved: Set<String> = [
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "maxItems",
    "uniqueItems", "minProperties", "maxProperties", "patternProperties", "minItems", "format", "pattern",
  ]
  private static let removed: Set<String> = ["$schema", "$id", "examples"]

  /// False for what has no equivalent: remote references, recursion, enumerated objects, too many options.
  static func isPossible(_ schema: JSONValue) -> Bool {
    var optional = 0
    var unions = 0
    return self.walk(schema, depth: 0, &optional, &unions) && optional <= 24 && unions <= 16
      && !self.isRecursive(schema)
  }

  /// What all strict tools of a request may have together (matrix A4.5, 5).
  struct StrictBudget {
    private var tools = 0
    private var optional = 0
    private var unions = 0

    /// False when the tool is one too many.
    mutating func take(_ schema: JSONValue) -> Bool {
      var next = self
      next.tools += 1
      guard SchemaTransform.walk(schema, depth: 0, &next.optional, &next.unions), next.tools <= 20,
        next.optional <= 24, next.unions <= 16
      else { return false }
      self = next
      return true
    }
  }

  /// The first reference that leads out of the schema.
  static func remoteReference(in schema: JSONValue) -> JSONValue? {
    if let reference = schema.present("$ref"), !Text(reference).hasPrefix("#") { return reference }
    for child in SchemaRules.children(of: schema) {
      if let found = self.remoteReference(in: child) { return found }
    }
    return nil
  }

  private static func walk(_ schema: JSONValue, depth: Int, _ optional: inout Int, _ unions: inout Int)
    -> Bool
  {
    if depth > 64 { return false }
    if let reference = schema.present("$ref")?.string, !reference.hasPrefix("#") { return false }
    if let all = schema.present("allOf") {
      let members = all.elements.map(\.self)
      if members.count > 1 { return false }
      // One of two keywords of the same name would be lost.
      for member in members.first?.members.map(\.self) ?? [] {
        if ["type", "description"].contains(member.name) { continue }
        if schema.member(named: member.name) != nil { return false }
      }
    }
    for value in schema["enum"]?.elements.map(\.self) ?? []
    where value.kind == .object || value.kind == .array {
      return false
    }
    let required = Set(schema["required"]?.elements.compactMap(\.string) ?? [])
    for member in schema["properties"]?.members.map(\.self) ?? [] {
      if !required.contains(member.name) { optional += 1 }
      if member.value.present("anyOf") != nil || member.value.present("oneOf") != nil
        || member.value["type"]?.kind == .array
      {
        unions += 1
      }
    }
    for child in SchemaRules.children(of: schema) {
      if !self.walk(child, depth: depth + 1, &optional, &unions) { return false }
    }
    return true
  }

  private static func isRecursive(_ root: JSONValue) -> Bool {
    var edges: [String: Set<String>] = [:]
    for key in ["$defs", "definitions"] {
      for member in root.member(named: key)?.members.map(\.self) ?? [] {
        edges["#/\(key)/\(member.name)"] = self.references(in: member.value)
      }
    }
    if self.references(in: root).contains("#") { return true }
    for start in edges.keys {
      var reached: Set<String> = []
      var open = edges[start] ?? []
      while let next = open.popFirst() {
        if next == start { return true }
        if reached.insert(next).inserted { open.formUnion(edges[next] ?? []) }
      }
    }
    return false
  }

  private static func references(in schema: JSONValue) -> Set<String> {
    var found: Set<String> = []
    if let reference = schema.present("$ref")?.string { found.insert(reference) }
    for child in SchemaRules.children(of: schema) { found.formUnion(self.references(in: child)) }
    return found
  }

  static func write(_ schema: JSONValue, to writer: inout JSONWriter) {
    guard schema.kind == .object else {
      writer.raw(schema)
      return
    }
    if let all = schema.present("allOf"), let only = all.elements.first(where: { _ in true }) {
      self.writeMembers(of: [schema, only], to: &writer)
    } else {
      self.writeMembers(of: [schema], to: &writer)
    }
  }

  private static func writeMembers(of schemas: [JSONValue], to writer: inout JSONWriter) {
    var notes: [JSONMember] = []
    var description: JSONValue?
    var isObject = false
    var seen: Set<String> = []
    writer.beginObject()
    for member in schemas.flatMap({ Array($0.members) }) {
      let name = member.name
      if name == "description" { description = member.value }
      if name == "properties" || (name == "type" && self.namesObject(member.value)) { isObject = true }
      guard seen.insert(name).inserted, !self.removed.contains(name), name != "allOf", name != "description",
        name != "additionalProperties"
      else { continue }
      if self.moved.contains(name),
        !["format", "minItems", "pattern"].contains(name)
          || !SchemaRules.isKept(name, member.value)
      {
        notes.append(member)
        continue
      }
      writer.key(text: name == "oneOf" ? "anyOf" : name)
      self.writeValue(member.value, of: name, to: &writer)
    }
    if isObject {
      writer.key("additionalProperties")
      writer.bool(false)
    }
    self.writeDescription(description, notes, to: &writer)
    writer.endObject()
  }

  private static func namesObject(_ type: JSONValue) -> Bool {
    type.matches("object") || type.elements.contains { $0.matches("object") }
  }

  private static func writeValue(_ value: JSONValue, of name: String, to writer: inout JSONWriter) {
    switch name {
    case "properties", "$defs", "definitions":
      writer.beginObject()
      for member in value.members {
        writer.key(text: member.name)
        self.write(member.value, to: &writer)
      }
      writer.endObject()
    case "items", "anyOf", "oneOf", "prefixItems":
      guard value.kind == .array else { return self.write(value, to: &writer) }
      writer.beginArray()
      for element in value.elements { self.write(element, to: &writer) }
      writer.endArray()
    default: writer.raw(value)
    }
  }

  private static func writeDescription(
    _ description: JSONValue?, _ notes: [JSONMember], to writer: inout JSONWriter
  ) {
    if notes.isEmpty, description == nil { return }
    writer.key("description")
    writer.beginString()
    if let description { Text(description).write(to: &writer) }
    if !notes.isEmpty {
      if description?.isEmptyString == false { writer.fragment(#"\n\n"#) }
      writer.fragment("{")
      for (index, note) in notes.enumerated() {
        if index > 0 { writer.fragment(", ") }
        writer.escaped(note.name)
        writer.fragment(": ")
        if note.value.kind == .string {
          Text(note.value).write(to: &writer)
        } else {
          writer.stringifiedFragment(note.value)
        }
      }
      writer.fragment("}")
    }
    writer.endString()
  }

  // MARK: Tools

  /// Alternatives at the top, which no tool of this protocol may have.
  static func isCombined(_ schema: JSONValue) -> Bool {
    schema.present("anyOf") != nil || schema.present("oneOf") != nil || schema.present("allOf") != nil
  }

  /// One object with the properties of all alternatives.
  static func writeMerged(_ schema: JSONValue, to writer: inout JSONWriter) {
    var seen: Set<String> = []
    writer.beginObject()
    writer.key("type")
    writer.string("object")
    writer.key("properties")
    writer.beginObject()
    let branches = ["allOf", "anyOf", "oneOf"].flatMap {
      schema.member(named: $0)?.elements.map(\.self) ?? []
    }
    for branch in [schema] + branches {
      for member in branch["properties"]?.members.map(\.self) ?? [] where seen.insert(member.name).inserted {
        writer.key(text: member.name)
        writer.raw(member.value)
      }
    }
    writer.endObject()
    for member in schema.members
    where !["type", "properties", "anyOf", "oneOf", "allOf", "description"].contains(member.name) {
      writer.key(text: member.name)
      writer.raw(member.value)
    }
    writer.endObject()
  }
}
