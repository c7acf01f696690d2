import Wire

/// Parses any bytes; what is accepted must survive being written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let read = try? JSONDocument(bytes, limits: JSONLimits(maxBytes: 1 << 20, maxDepth: 64))
  skim(bytes, read)
  guard let document = read else { return 0 }
  visit(document.root)
  reread(document, bytes)
  var writer = JSONWriter()
  writer.compact(document.root)
  let compact = writer.bytes
  guard let again = try? JSONDocument(compact) else { fatalError("the compact form is no JSON") }
  writer.removeAll()
  writer.stringified(document.root)
  guard let string = try? JSONDocument(writer.bytes), let text = string.root.string,
    let spelled = try? JSONDocument(Array(text.utf8)), mean(spelled.root, document.root)
  else { fatalError("the text of the value is another as a string") }
  writer.removeAll()
  writer.compact(again.root)
  if writer.bytes != compact { fatalError("the compact form changes") }
  return 0
}

private func visit(_ value: JSONValue) {
  _ = value.integer
  _ = value.double
  _ = value.bool
  _ = value.string
  if value.slice.count < 64 { _ = value.path }
  for element in value.elements { visit(element) }
  for member in value.members {
    guard value.member(named: member.name) != nil else { fatalError("a member cannot be found") }
    visit(member.value)
  }
}

/// The same values in the same order, however their letters are escaped.
func mean(_ one: JSONValue, _ other: JSONValue) -> Bool {
  guard one.kind == other.kind, one.string == other.string, one.double == other.double else { return false }
  let (elements, otherElements) = (Array(one.elements), Array(other.elements))
  let (members, otherMembers) = (Array(one.members), Array(other.members))
  return elements.count == otherElements.count && members.count == otherMembers.count
    && zip(elements, otherElements).allSatisfy(mean)
    && zip(members, otherMembers).allSatisfy { $0.name == $1.name && mean($0.value, $1.value) }
}
