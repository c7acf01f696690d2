import Wire

/// What libFuzzer calls with each input; a claim that does not hold ends the process.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let whole = Reading(bytes, cutAt: [])
  let answer = AnswerReading(bytes, cutAt: [])
  for cuts in places(of: bytes) {
    claim(Reading(bytes, cutAt: cuts) == whole, "an input cut at \(cuts) is read differently")
    claim(AnswerReading(bytes, cutAt: cuts) == answer, "an answer cut at \(cuts) is read differently")
  }
  for head in whole.heads { HeadClaims.check(head) }
  ReplyClaims.check(bytes)
  return 0
}

/// Where to cut: every single place of a small input, some of a large one, and each byte for itself.
private func places(of bytes: [UInt8]) -> [[Int]] {
  if bytes.count <= 48 { return bytes.indices.map { [$0] } + [Array(bytes.indices)] }
  var state = bytes.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  var cuts: [[Int]] = bytes.count <= 2048 ? [Array(bytes.indices)] : []
  for _ in 0..<4 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let one = Int(state >> 33) % bytes.count
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    cuts.append([one, Int(state >> 33) % bytes.count].sorted())
  }
  return cuts
}

func claim(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
  if !holds { fatalError(otherwise()) }
}
