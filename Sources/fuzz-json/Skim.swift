import Wire

/// Passes over any bytes; of an object, what is found must be what the document has.
func skim(_ bytes: [UInt8], _ document: JSONDocument?) {
  let all = JSONSkim.members(of: bytes.span) { _ in true }
  let few = JSONSkim.members(of: bytes.span) { $0.count == 1 }
  guard let root = document?.root, root.kind == .object, let all, let few else { return }
  guard let whole = try? JSONDocument(all), mean(whole.root, root) else {
    fatalError("an object skimmed is another")
  }
  // Names with escapes are never skimmed, so their length is that of their bytes.
  let wanted = root.members.filter { $0.name.utf8.count == 1 }
  guard let part = try? JSONDocument(few), Array(part.root.members).map(\.name) == wanted.map(\.name) else {
    fatalError("other members than those that were wanted")
  }
}
