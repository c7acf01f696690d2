import Foundation
import Platform
import Testing

@testable import Systemd

struct NotifierTests {
  @Test func `each assignment is one line`() {
    let text = Notifier.text(
      of: [
        .ready, .status("2 workers"), .reloading, .stopping, .watchdog, .extendTimeout(microseconds: 7),
        .failure(Errno(code: 5)),
      ], monotonicMicroseconds: 42)
    #expect(
      text == """
        READY=1
        STATUS=2 workers
        RELOADING=1
        MONOTONIC_USEC=42
        STOPPING=1
        WATCHDOG=1
        EXTEND_TIMEOUT_USEC=7
        ERRNO=5

        """)
  }

  @Test(arguments: [
    ("a\nREADY=1", "a READY=1"), ("a\r\nb", "a  b"), ("a\0b", "a b"), ("tab\there", "tab here"),
    ("\u{85}x", " x"), ("größer → 3", "größer → 3"),
  ])
  func `a status stays on its line`(given: String, sent: String) {
    #expect(Notifier.text(of: [.status(given)], monotonicMicroseconds: 0) == "STATUS=\(sent)\n")
  }

  @Test(arguments: [true, false])
  func `one datagram carries all assignments of a call`(isAbstract: Bool) throws {
    let directory = try TemporaryDirectory()
    let name = isAbstract ? "@notify-\(getpid())" : "\(directory.path)/notify"
    let manager = try TestSockets.unix(name, SOCK_DGRAM)
    let lines = try Probe(environment: ["NOTIFY_SOCKET": name]).ask("notify")
    #expect(lines == ["supervised true"] + Array(repeating: "outcome sent", count: 4))

    #expect(TestSockets.receive(manager) == "READY=1\nSTATUS=2 workers STOPPING=1\n")
    let reloading = try #require(TestSockets.receive(manager)).split(separator: "\n")
    #expect(reloading.count == 2 && reloading[0] == "RELOADING=1")
    let moment = try #require(UInt64(reloading[1].dropFirst("MONOTONIC_USEC=".count)))
    let now = Clock.monotonicNanoseconds() / 1_000
    #expect(moment <= now && now - moment < 60_000_000)
    #expect(TestSockets.receive(manager) == "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=30000000\n")
    #expect(TestSockets.receive(manager) == "STOPPING=1\nERRNO=98\n")
    #expect(TestSockets.receive(manager) == nil)
  }

  @Test func `without a manager nothing is sent`() throws {
    #expect(
      try Probe().ask("notify") == ["supervised false"] + Array(repeating: "outcome notSupervised", count: 4))
  }

  @Test func `a manager that is gone is reported, not fatal`() throws {
    let lines = try Probe(environment: ["NOTIFY_SOCKET": "/nonexistent/notify"]).ask("notify")
    #expect(lines.count == 5)
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("outcome failed(") })
  }
}
