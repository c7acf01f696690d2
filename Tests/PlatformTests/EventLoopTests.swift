import Foundation
import Platform
import Testing

/// What the loop tells whom, and what it keeps to itself.
@Suite struct EventLoopTests {
  fileprivate final class Hearer: EventHandler {
    private(set) var heard: [Readiness] = []
    var then: (Readiness) -> Void = { _ in }

    func descriptorReady(_ readiness: Readiness) {
      self.heard.append(readiness)
      self.then(readiness)
    }
  }

  @Test("a handler hears of what its descriptor is ready for, and only of what was asked")
  func interest() throws {
    let loop = try EventLoop()
    let (one, other) = try Descriptors.pair()
    let listener = Hearer()
    let token = try loop.watch(one.raw, for: .read, listener)
    loop.turn(waitingAtMost: 0)
    #expect(listener.heard.isEmpty)
    #expect(write(other.raw, "x", 1) == 1)
    loop.turn(waitingAtMost: 0)
    #expect(listener.heard == [.read])
    loop.change(token, to: [])
    loop.turn(waitingAtMost: 0)
    #expect(listener.heard.count == 1)
    loop.change(token, to: .write)
    loop.turn(waitingAtMost: 0)
    #expect(listener.heard.last == .write)
    loop.change(token, to: .hangUp)
    shutdown(other.raw, Int32(SHUT_WR))
    loop.turn(waitingAtMost: 0)
    #expect(listener.heard.last == .peerClosed)
    loop.forget(token)
    loop.forget(token)
    loop.change(token, to: .read)
    loop.turn(waitingAtMost: 0)
    #expect(listener.heard.count == 3)
  }

  @Test("an event fetched for a descriptor that was closed does not reach the one that has its number now")
  func staleEvent() throws {
    let loop = try EventLoop()
    let pairs = [try Descriptors.pair(), try Descriptors.pair()]
    // High numbers, which nobody else is given meanwhile.
    var numbers = pairs.map { fcntl($0.0.raw, F_DUPFD_CLOEXEC, 800) }
    defer { for number in numbers { close(number) } }
    let newcomer = Hearer()
    let hearers = [Hearer(), Hearer()]
    var tokens: [EventLoop.Token] = []
    for (index, pair) in pairs.enumerated() {
      tokens.append(try loop.watch(numbers[index], for: .read, hearers[index]))
      #expect(write(pair.1.raw, "x", 1) == 1)
    }
    let fresh = try Descriptors.pair()
    for index in 0..<2 {
      // Whoever is called first closes the other, whose event is in the same batch, and takes its number.
      hearers[index].then = { _ in
        let other = 1 - index
        loop.forget(tokens[other])
        close(numbers[other])
        #expect(fcntl(fresh.0.raw, F_DUPFD_CLOEXEC, numbers[other]) == numbers[other])
        _ = try? loop.watch(numbers[other], for: .read, newcomer)
        hearers[index].then = { _ in }
      }
    }
    loop.turn(waitingAtMost: 0)
    #expect(hearers.map(\.heard.count).reduce(0, +) == 1)
    #expect(newcomer.heard.isEmpty)
    loop.turn(waitingAtMost: 0)
    #expect(newcomer.heard.isEmpty, "nothing was ever sent to it")
    #expect(write(fresh.1.raw, "x", 1) == 1)
    loop.turn(waitingAtMost: 0)
    #expect(newcomer.heard == [.read])
    numbers = numbers.filter { Descriptors.isOpen($0) }
  }

  @Test("a handler may end its own registration and others'; a forgotten handler is let go")
  func forgetting() throws {
    let loop = try EventLoop()
    let (one, other) = try Descriptors.pair()
    weak var trace: Hearer?
    do {
      let listener = Hearer()
      trace = listener
      let token = try loop.watch(one.raw, for: .read, listener)
      listener.then = { _ in loop.forget(token) }
    }
    #expect(trace != nil)
    #expect(write(other.raw, "x", 1) == 1)
    loop.turn(waitingAtMost: 0)
    loop.turn(waitingAtMost: 0)
    #expect(trace == nil)
  }

  @Test("what cannot be watched is an error, and costs no place")
  func unwatchable() throws {
    let loop = try EventLoop()
    let listener = Hearer()
    for _ in 0..<3 {
      #expect(throws: Errno(code: EBADF)) { try loop.watch(-1, for: .read, listener) }
    }
    let (one, _) = try Descriptors.pair()
    let token = try loop.watch(one.raw, for: .read, listener)
    #expect(throws: Errno(code: EEXIST)) { try loop.watch(one.raw, for: .read, listener) }
    loop.forget(token)
    _ = try loop.watch(one.raw, for: .read, listener)
  }

  @Test("more descriptors than one batch are all served, none before the others for ever")
  func fairness() throws {
    let loop = try EventLoop()
    let pairs = try (0..<300).map { _ in try Descriptors.pair() }
    let listeners = pairs.map { _ in Hearer() }
    for (pair, listener) in zip(pairs, listeners) {
      _ = try loop.watch(pair.0.raw, for: .read, listener)
      #expect(write(pair.1.raw, "x", 1) == 1)
    }
    for _ in 0..<2 { loop.turn(waitingAtMost: 0) }
    #expect(listeners.allSatisfy { !$0.heard.isEmpty })
  }

  @Test("a wakeup from another thread ends the wait, however often it rings, and is heard once")
  func wakeup() throws {
    let loop = try EventLoop()
    let bell = try Wakeup()
    let listener = Hearer()
    listener.then = { _ in bell.hush() }
    _ = try loop.watch(bell.descriptor.raw, for: .read, listener)
    let thread = try Platform.Thread.start(name: "bell") { for _ in 0..<1_000 { bell.ring() } }
    loop.turn(waitingAtMost: 10_000)
    #expect(!listener.heard.isEmpty)
    thread.join()
    loop.turn(waitingAtMost: 0)
    let heard = listener.heard.count
    loop.turn(waitingAtMost: 0)
    #expect(listener.heard.count == heard)
    let before = loop.now
    loop.turn(waitingAtMost: 30)
    #expect(loop.now >= before + 29)
  }
}
