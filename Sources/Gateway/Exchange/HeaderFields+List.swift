internal import Dialogue
internal import Wire

extension HeaderFields {
  /// For the translation: those it may heed. An error's media type is told where its words are not understood.
  func list(ofFailure isFailure: Bool) -> [HTTPField] {
    var list: [HTTPField] = []
    for index in self.indices
    where Translation.heeds(self.name(at: index)) || isFailure && self.name(at: index).isContentType {
      let field = self.text(at: index)
      list.append(HTTPField(field.name, field.value))
    }
    return list
  }

  mutating func append(_ fields: [HTTPField]) {
    for field in fields { self.append(name: field.name, value: field.value) }
  }
}

extension Span<UInt8> {
  fileprivate var isContentType: Bool {
    guard self.count == 12 else { return false }
    let name: StaticString = "content-type"
    for index in 0..<12 where self[index] | 0x20 != (unsafe name.utf8Start[index]) { return false }
    return true
  }
}
