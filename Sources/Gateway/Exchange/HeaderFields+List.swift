internal import Dialogue
internal import Wire

extension HeaderFields {
  /// For the translation, which knows names in lower case.
  var list: [HTTPField] {
    var list: [HTTPField] = []
    list.reserveCapacity(self.count)
    for index in self.indices {
      let field = self.text(at: index)
      list.append(HTTPField(field.name, field.value))
    }
    return list
  }
}
