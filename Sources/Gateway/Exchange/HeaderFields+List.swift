internal import Dialogue
internal import Wire

extension HeaderFields {
  /// For the translation, which knows names in lower case.
  var list: [HTTPField] {
    var list: [HTTPField] = []
    list.reserveCapacity(self.count)
    self.forEach { name, value in
      list.append(HTTPField(String(copying: name), String(copying: value)))
    }
    return list
  }
}

extension String {
  fileprivate init(copying bytes: Span<UInt8>) {
    var array: [UInt8] = []
    array.append(copying: bytes)
    self.init(decoding: array, as: UTF8.self)
  }
}
