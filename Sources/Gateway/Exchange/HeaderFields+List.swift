internal import Dialogue
internal import Wire

extension HeaderFields {
  /// For the translation: those it may heed. An error's media type is told where its words are not understood.
  func list(ofFailure isFailure: Bool) -> [HTTPField] {
    var list: [HTTPField] = []
    for index in self.indices {
      let name = self.name(at: index)
      guard Translation.heeds(name) || isFailure && name.isLike("content-type") else { continue }
      let field = self.text(at: index)
      list.append(HTTPField(field.name, field.value))
    }
    return list
  }

  mutating func append(_ fields: [HTTPField]) {
    for field in fields { self.append(name: field.name, value: field.value) }
  }
}
