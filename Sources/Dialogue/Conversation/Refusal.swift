package import Wire

/// Why a client's request is not sent on; becomes a 400 in the client's own envelope.
package struct Refusal: Error, Equatable {
  package let status: Int
  package let message: String
  /// The JSON path at fault.
  package let param: String?
  package let code: String?

  package init(status: Int = 400, _ message: String, param: String? = nil, code: String? = nil) {
    self.status = status
    // A path is made of names that the client chose.
    self.message = message.printable(atMost: 512)
    self.param = param?.printable(atMost: 256)
    self.code = code
  }

  package init(_ value: JSONValue, _ message: String, code: String? = nil) {
    self.init(message, param: value.path, code: code)
  }

  package static func unsupported(_ value: JSONValue, _ message: String) -> Refusal {
    Refusal(value, message, code: "unsupported_value")
  }

  package init(_ error: JSONError) {
    self.init(status: error.reason == .tooLarge ? 413 : 400, "The body is not valid JSON: \(error).")
  }
}

extension String {
  /// A word of a client's, as far as an error may repeat it.
  var quoted: String { self.printable(atMost: 64) }

  /// What a terminal can show of it, and no more than that many characters.
  package func printable(atMost most: Int) -> String {
    var shown = ""
    var rest = self.unicodeScalars[...]
    for _ in 0..<most {
      guard let scalar = rest.popFirst() else { return shown }
      shown.unicodeScalars.append(Self.isPrintable(scalar) ? scalar : "?")
    }
    return rest.isEmpty ? shown : shown + "..."
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
      return false
    default: return true
    }
  }
}

extension JSONValue {
  /// The checks below refuse a value of another kind and name its path.
  func expect(_ kind: JSONKind) throws(Refusal) -> JSONValue {
    guard self.kind == kind else { throw self.wrongKind(kind.words) }
    return self
  }

  func wrongKind(_ expected: String) -> Refusal {
    let place = self.path.isEmpty ? "The body" : "`\(self.path)`"
    return Refusal(
      "\(place) must be \(expected), not \(self.kind.words).", param: self.path.isEmpty ? nil : self.path)
  }

  /// A member that is given twice says two things.
  func refuseRepeatedMembers() throws(Refusal) {
    if self.hasFewDistinctMembers { return }
    // A set costs more than it saves for as few members as most objects have.
    var few: [String] = []
    var many: Set<String> = []
    for member in self.members {
      let name = member.name
      let isNew: Bool
      if few.count < 24 {
        isNew = !few.contains(name)
        few.append(name)
      } else {
        if many.isEmpty { many = Set(few) }
        isNew = many.insert(name).inserted
      }
      guard isNew else { throw Refusal(member.value, "`\(name.quoted)` is given twice.") }
    }
  }

  func text() throws(Refusal) -> Text { Text(try self.expect(.string)) }

  func name() throws(Refusal) -> String {
    guard let string = self.string else { throw self.wrongKind(JSONKind.string.words) }
    return string
  }

  func filledName() throws(Refusal) -> String {
    let name = try self.name()
    if name.isEmpty { throw Refusal(self, "`\(self.path)` must not be empty.") }
    return name
  }

  func flag() throws(Refusal) -> Bool {
    guard let bool = self.bool else { throw self.wrongKind(JSONKind.bool.words) }
    return bool
  }

  func count() throws(Refusal) -> Int {
    guard let integer = self.integer else { throw self.wrongKind("an integer") }
    return integer
  }

  /// The member of that name, if it is there; then it must be of this kind.
  func optional(_ name: StaticString, _ kind: JSONKind) throws(Refusal) -> JSONValue? {
    guard let value = self.present(name) else { return nil }
    return try value.expect(kind)
  }

  func required(_ name: StaticString) throws(Refusal) -> JSONValue {
    guard let value = self.present(name) else {
      let path = self.path.isEmpty ? name.description : "\(self.path).\(name)"
      throw Refusal("`\(path)` is required.", param: path, code: "missing_required_parameter")
    }
    return value
  }
}
