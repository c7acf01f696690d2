import Wire

/// Parses any bytes; what is accepted must survive being written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let document = try? JSONDocument(bytes, limits: JSONLimits(maxBytes: 1 << 20, maxDepth: 64)) else {
    return 0
  }
  visit(document.root)
  reread(document, bytes)
  var writer = JSONWriter()
  writer.compact(document.root)
  let compact = writer.bytes
  guard let again = try? JSONDocument(compact) else { fatalError("the compact form is no JSON") }
  writer.removeAll()
  writer.stringified(document.root)
  guard let string = try? JSONDocument(writer.bytes),
    string.root.string == String(decoding: compact, as: UTF8.self)
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
