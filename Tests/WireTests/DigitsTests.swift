import Testing

@testable import Wire

@Suite struct DigitsTests {
  @Test(arguments: [
    0, 1, 9, 10, 99, 100, 1219, 65_536, 12_345_678, 99_999_999, 100_000_000, -1, -10, Int.max, Int.min,
  ])
  func aNumberIsWrittenAsAStringOfItWouldBe(_ number: Int) {
    var bytes = Array("n".utf8)
    bytes.append(decimal: number)
    #expect(String(decoding: bytes, as: UTF8.self) == "n\(number)")
    var queue = ByteQueue()
    queue.append(hexadecimal: UInt(bitPattern: number))
    let text = String(decoding: queue.storage, as: UTF8.self)
    #expect(text == String(UInt(bitPattern: number), radix: 16))
  }
}
