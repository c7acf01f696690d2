/// Members of objects in one line each, where the daemon speaks for itself.
extension JSONWriter {
  /// Nil is null, here and below.
  package mutating func member(_ name: StaticString, _ value: Int?) {
    self.key(name)
    if let value { self.integer(value) } else { self.null() }
  }

  package mutating func member(_ name: StaticString, _ value: UInt64) {
    self.member(name, Int(clamping: value))
  }

  package mutating func member(_ name: StaticString, _ value: Bool) {
    self.key(name)
    self.bool(value)
  }

  package mutating func member(_ name: StaticString, _ value: String?) {
    self.key(name)
    if let value { self.string(value) } else { self.null() }
  }

  package mutating func object(_ name: StaticString, _ write: (inout JSONWriter) -> Void) {
    self.key(name)
    self.object(write)
  }

  package mutating func object(text name: String, _ write: (inout JSONWriter) -> Void) {
    self.key(text: name)
    self.object(write)
  }

  package mutating func object(_ write: (inout JSONWriter) -> Void) {
    self.beginObject()
    write(&self)
    self.endObject()
  }
}
