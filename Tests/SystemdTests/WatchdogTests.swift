import Foundation
import Testing

@testable import Systemd

struct WatchdogTests {
  @Test(arguments: [
    (["WATCHDOG_USEC": "5000000"], "watchdog 5000000"),
    (["WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"], "watchdog none"),
    (["WATCHDOG_USEC": "soon"], "watchdog none"),
    ([:], "watchdog none"),
  ])
  func `the interval is the unit's, if it is for us`(environment: [String: String], answer: String) throws {
    #expect(try Probe(environment: environment).ask("watchdog") == [answer])
  }
}

struct JournalStreamTests {
  @Test func `standard error is the journal when device and inode match`() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    var status = stat()
    #expect(fstat(ends[1], &status) == 0)
    let stream = "\(status.st_dev):\(status.st_ino)"
    #expect(
      try Probe(environment: ["JOURNAL_STREAM": stream], errorOutput: ends[1]).ask("journal-stream")
        == ["journal true"])
    #expect(try Probe(environment: ["JOURNAL_STREAM": stream]).ask("journal-stream") == ["journal false"])
    #expect(try Probe(errorOutput: ends[1]).ask("journal-stream") == ["journal false"])
  }

  @Test(arguments: ["", ":", "1", "1:2:3", "-1:2", "a:b", "99999999999999999999:1", "8:"])
  func `nonsense is no journal`(text: String) {
    #expect(!JournalStream.matches(text, descriptor: 2))
  }
}
