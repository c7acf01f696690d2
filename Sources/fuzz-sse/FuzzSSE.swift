import Wire

/// Splits any bytes whole and in two pieces; where they are cut must not show.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let whole = events([bytes[...]])
  let cut = bytes.isEmpty ? 0 : Int(bytes[0]) * bytes.count / 256
  if events([bytes[..<cut], bytes[cut...]]) != whole { fatalError("another result in two pieces") }
  if count < 512, events(bytes.indices.map { bytes[$0...$0] }) != whole {
    fatalError("another result by bytes")
  }
  return 0
}

private func events(_ chunks: [ArraySlice<UInt8>]) -> [[UInt8]]? {
  var splitter = EventSplitter(maxEventBytes: 4096)
  var found: [[UInt8]] = []
  do {
    for chunk in chunks {
      splitter.append(chunk.span)
      while try splitter.next() { found += [splitter.name, splitter.data] }
    }
    splitter.finish()
    while try splitter.next() { found += [splitter.name, splitter.data] }
  } catch {
    return nil
  }
  return found
}
