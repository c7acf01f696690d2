import Foundation
import Platform
import Synchronization
import Testing

/// Threads, signals, descriptors, clocks.
@Suite struct ProcessTests {
  @Test("a descriptor is closed once, with its last reference")
  func ownership() {
    // A high number, which nobody else is given meanwhile.
    let raw = fcntl(0, F_DUPFD_CLOEXEC, 700)
    #expect(raw >= 700)
    do {
      let owner = OwnedDescriptor(taking: raw)
      let copies = (0..<10).map { _ in owner }
      #expect(copies.count == 10 && Descriptors.isOpen(raw))
      withExtendedLifetime(owner) {}
    }
    #expect(!Descriptors.isOpen(raw))
    #expect(fcntl(0, F_DUPFD_CLOEXEC, raw) == raw)
    #expect(Descriptors.isOpen(raw), "whoever has the number next keeps it")
    close(raw)
  }

  @Test("loops, listeners, wakeups, signal inboxes and refused binds leave no descriptor")
  func noLeak() async {
    await #expect(processExitsWith: .success) {
      let before = Descriptors.count
      for _ in 0..<20 {
        let loop = try EventLoop()
        let listener = try Listener.bind(try #require(SocketAddress(host: "127.0.0.1", port: 0)), backlog: 1)
        let address = try #require(listener.localAddress)
        #expect(throws: Errno.self) { try Listener.bind(address, backlog: 1) }
        let client = try Descriptors.connect(to: address)
        #expect(listener.awaited.connection != nil)
        _ = try Wakeup()
        _ = try SignalInbox(blocking: [])
        withExtendedLifetime((loop, client)) {}
      }
      // The runtime may open one of its own meanwhile; what is left behind each time would be twenty.
      #expect(Descriptors.count < before + 10)
    }
  }

  @Test("a thread runs its body under its name, and join waits for its end")
  func thread() throws {
    let seen = Mutex<[String]>([])
    for name in ["worker-1", "a-name-of-more-than-15-bytes"] {
      let thread = try Platform.Thread.start(name: name) {
        let shown = (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
        seen.withLock { $0.append(shown) }
      }
      thread.join()
    }
    #expect(seen.withLock { $0 } == ["worker-1\n", "a-name-of-more-\n"])
  }

  @Test("what a thread's body holds is let go when it has ended")
  func threadLetsGo() throws {
    final class Token: Sendable {}
    weak var trace: Token?
    do {
      let token = Token()
      trace = token
      try Platform.Thread.start(name: "t") { _ = token }.join()
    }
    #expect(trace == nil)
  }

  @Test("a stack of that size is there to be used")
  func stack() throws {
    let sum = Atomic<Int>(0)
    let thread = try Platform.Thread.start(name: "deep", stackBytes: 16 << 20) {
      func deep(_ left: Int) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 16) { room in
          room[0] = 1
          return left == 0 ? Int(room[0]) : deep(left - 1) + Int(room[0])
        }
      }
      sum.store(deep(2_000), ordering: .relaxed)
    }
    thread.join()
    #expect(sum.load(ordering: .relaxed) == 2_001)
  }

  @Test("blocked signals come one by one through the inbox, and none is lost or invented")
  func signals() throws {
    let heard = Mutex<[Int32?]>([])
    // On a thread of its own, so that the mask of the tests' threads stays as it is.
    let thread = try Platform.Thread.start(name: "signals") {
      guard let inbox = try? SignalInbox(blocking: [SIGWINCH, SIGURG]) else { return }
      let first = inbox.next()
      pthread_kill(pthread_self(), SIGWINCH)
      pthread_kill(pthread_self(), SIGURG)
      let all = [first, inbox.next(), inbox.next(), inbox.next()]
      heard.withLock { $0 = all }
    }
    thread.join()
    let all = heard.withLock { $0 }
    #expect(all.count == 4 && all.first == .some(nil) && all.last == .some(nil))
    #expect(Set(all.compactMap { $0 }) == [SIGWINCH, SIGURG])
  }

  @Test("the monotonic clock does not go back, and the wall clock is in this century")
  func clocks() {
    let (nanoseconds, milliseconds) = (Clock.monotonicNanoseconds(), Clock.monotonicMilliseconds())
    #expect(Clock.monotonicNanoseconds() >= nanoseconds)
    #expect(milliseconds >= nanoseconds / 1_000_000)
    #expect(abs(Clock.wallSeconds() - Int(Date().timeIntervalSince1970)) <= 1)
    #expect(Clock.wallNanoseconds() / 1_000_000_000 >= UInt64(Clock.wallSeconds() - 1))
  }

  @Test("an error says what the system says, also of numbers nobody knows")
  func errors() {
    #expect(Errno(code: ENOENT).description == "No such file or directory")
    #expect(
      Errno(code: 99_999).description == "Unknown error 99999"
        || Errno(code: 99_999).description == "error 99999")
  }

  @Test("the descriptor limit is raised to what is allowed, and not above it")
  func limit() async {
    await #expect(processExitsWith: .success) {
      var before = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
      let raised = Resources.raiseDescriptorLimit()
      #expect(raised == Int(clamping: before.rlim_max))
      #expect(Resources.raiseDescriptorLimit() == raised)
      #expect(Resources.processID == getpid())
      #expect(Resources.randomBits() != Resources.randomBits())
    }
  }
}
