import Inflate

/// What libFuzzer calls with each input: its first byte picks the coding and the cuts, the rest is a compressed body.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  let coding: ContentCoding = first & 1 == 0 ? .gzip : .zstd
  let body = Array(bytes.dropFirst())
  let limit = 1 << 16
  let whole = decode(coding, body, piece: max(1, body.count), limit)
  let pieces = decode(coding, body, piece: 1 + Int(first >> 1), limit)
  // Which fault is found first may depend on the cuts; whether there is one may not.
  claim((try? whole.get()) == (try? pieces.get()), "cut in pieces, a body decodes differently")
  if case .success(let decoded) = whole {
    claim(decoded.count <= limit, "a body is longer than the limit")
    claim(
      decode(coding, body, piece: max(1, body.count), decoded.count) == whole,
      "a body of the limit is refused")
  }
  return 0
}

private func decode(
  _ coding: ContentCoding, _ bytes: [UInt8], piece: Int, _ limit: Int
) -> Result<[UInt8], InflateFault> {
  guard let inflater = Inflater(coding, limit: limit) else { return .failure(.damaged) }
  var body: [UInt8] = []
  do throws(InflateFault) {
    for start in stride(from: 0, to: bytes.count, by: piece) {
      let part = Array(bytes[start..<min(start + piece, bytes.count)])
      var taken = 0
      var hasMore = true
      while hasMore {
        let step = try inflater.feed(part.span.extracting(taken..<part.count), into: &body, slice: piece)
        (taken, hasMore) = (taken + step.taken, step.hasMore)
        claim(body.count <= limit, "a body grows beyond the limit")
      }
      claim(taken == part.count, "a piece is not taken whole")
    }
    try inflater.finish()
    return .success(body)
  } catch {
    return .failure(error)
  }
}

func claim(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
  if !holds { fatalError(otherwise()) }
}
