import Glibc
import Platform
import Testing

@Suite struct ThreadTests {
  @Test("an interrupted thread comes back from the system call it is held up in")
  func interruption() throws {
    Thread.prepareInterrupts()
    let started = try Wakeup()
    let thread = try Thread.start(name: "held-up") {
      started.ring()
      _ = poll(nil, 0, -1)
    }
    // Before the call begins a signal is lost, so it is sent until it was heard.
    var hasEnded = false
    for _ in 0..<2_000 where !hasEnded {
      thread.interrupt()
      hasEnded = thread.join(withinMilliseconds: 10)
    }
    #expect(hasEnded)
  }

  @Test("waiting for a thread that does not end has an end")
  func boundedJoin() throws {
    Thread.prepareInterrupts()
    let thread = try Thread.start(name: "held-up") { _ = poll(nil, 0, -1) }
    #expect(!thread.join(withinMilliseconds: 20))
    var hasEnded = false
    for _ in 0..<2_000 where !hasEnded {
      thread.interrupt()
      hasEnded = thread.join(withinMilliseconds: 10)
    }
    #expect(hasEnded)
  }
}
