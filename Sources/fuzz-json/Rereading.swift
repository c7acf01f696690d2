import Wire

/// Reads a text, then one that differs in its strings, into the same document: a fresh one must be the same.
func reread(_ document: JSONDocument, _ bytes: [UInt8]) {
  var places: [JSONSlice] = []
  collect(document.root, into: &places)
  for choice in 0..<2 {
    var variant: [UInt8] = []
    var start = 0
    for place in places.prefix(1 + choice * 6) {
      variant += bytes[start..<place.offset]
      if choice == 1 { variant += Array(#"é\"x"#.utf8) }
      start = place.offset + place.count
    }
    variant += bytes[start...]
    let again = JSONDocument()
    guard (try? again.read(bytes.span)) != nil, (try? again.read(variant.span)) != nil,
      let fresh = try? JSONDocument(variant), isSame(again.root, fresh.root)
    else { fatalError("another document when read again") }
  }
}

private func collect(_ value: JSONValue, into places: inout [JSONSlice]) {
  if let content = value.content { places.append(content) }
  for element in value.elements { collect(element, into: &places) }
  for member in value.members { collect(member.value, into: &places) }
}

private func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
  guard one.kind == other.kind, one.slice == other.slice, one.hasEscapes == other.hasEscapes,
    one.hasLoneSurrogate == other.hasLoneSurrogate
  else { return false }
  return zip(one.elements, other.elements).allSatisfy(isSame)
    && zip(one.members, other.members).allSatisfy { isSame($0.key, $1.key) && isSame($0.value, $1.value) }
}
