import Platform
import Tokens
import Wire

/// Counts any bytes as text: in one go, with the tokens, and in slices of a length the input chooses, which must agree;
/// and as a request, which must end.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  for scratch in Tables.scratches() {
    let tokens = scratch.encode(bytes.span)
    if scratch.count(bytes.span) != tokens.count { fatalError("the count is another with tokens") }
    if tokens.count > bytes.count || tokens.isEmpty != bytes.isEmpty { fatalError("an impossible count") }
    var counting = TextCounting(scratch.vocabulary.name)
    let slice = Int(bytes.first ?? 1) + 1
    var turns = 0
    while true {
      var budget = slice
      if counting.advance(bytes.span, budget: &budget, scratch) { break }
      turns += 1
      if turns > 1000 + bytes.count * 200 { fatalError("no end") }
    }
    if counting.tokens != tokens.count { fatalError("the count is another in slices") }
  }
  guard let document = try? JSONDocument(bytes) else { return 0 }
  for vocabularies in [Tables.vocabularies, Vocabularies()] {
    let counter = TokenCounter(vocabularies, CountingRules())
    let whole = counter.tokens(document, model: "gpt-4o")
    var counting = counter.count(document, model: "gpt-4o")
    while true {
      guard let tokens = counting.advance(64) else { continue }
      if tokens != whole { fatalError("the request is another in slices") }
      break
    }
  }
  return 0
}

/// The tables of the source tree, which the fuzzers are run from.
private enum Tables {
  static let all: [Vocabulary] = EncodingName.allCases.map { name in
    guard let file = try? MappedFile(path: "Data/\(name.fileName)"),
      let vocabulary = try? Vocabulary(file.bytes, keeping: file)
    else { fatalError("Data/\(name.fileName) cannot be used") }
    return vocabulary
  }

  static let vocabularies = Vocabularies(all)

  static func scratches() -> [TokenScratch] { self.all.map { TokenScratch($0) } }
}
