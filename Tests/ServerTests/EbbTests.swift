import Testing

@testable import Server

@Suite("after a burst") struct EbbTests {
  @Test(
    "it has come once, when nobody waits for anything any more",
    arguments: [
      ([0, 0], [false, false]), ([63, 0], [false, false]), ([64, 0, 0], [false, true, false]),
      ([200, 1, 0, 0], [false, false, true, false]), ([64, 0, 3, 0], [false, true, false, false]),
      ([10, 70, 20, 0, 90, 0], [false, false, false, true, false, true]),
    ])
  func hasCome(inFlight: [Int], expected: [Bool]) {
    var ebb = Ebb()
    #expect(inFlight.map { ebb.hasCome(inFlight: $0) } == expected)
  }
}
