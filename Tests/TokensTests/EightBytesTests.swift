import Testing

@testable import Tokens

/// Eight bytes at once against one after another.
@Suite struct EightBytesTests {
  private func leading(_ bytes: [UInt8], _ holds: (UInt8) -> Bool) -> Int { bytes.prefix(while: holds).count }

  @Test("any byte at any place among letters and spaces ends the run that it does not belong to")
  func places() {
    for filling in [UInt8(0x61), 0x7A, 0x41, 0x5A, 0x20] {
      for place in 0..<8 {
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](repeating: filling, count: 8)
          bytes[place] = byte
          guard let eight = EightBytes(bytes.span, at: 0, limit: 8) else {
            Issue.record("there are eight")
            return
          }
          let isSmall = { (0x61...0x7A).contains($0 as UInt8) }
          let isLetter = { isSmall($0) || (0x41...0x5A).contains($0 as UInt8) }
          let got = [eight.small, eight.letters, eight.spaces]
          let wanted = [
            self.leading(bytes, isSmall), self.leading(bytes, isLetter), self.leading(bytes) { $0 == 0x20 },
          ]
          // One expectation for each of 10,000 would take seconds.
          if got != wanted { Issue.record("\(bytes): \(got), not \(wanted)") }
        }
      }
    }
  }

  @Test(
    "nothing is read beyond the limit or the text",
    arguments: [
      (12, 20, true), (13, 20, false), (13, 21, false), (0, 7, false), (0, 8, true), (20, 20, false),
    ])
  func limits(index: Int, limit: Int, isThere: Bool) {
    let bytes = [UInt8](repeating: 0x61, count: 20)
    let eight = EightBytes(bytes.span, at: index, limit: limit)
    #expect((eight != nil) == isThere)
  }
}
