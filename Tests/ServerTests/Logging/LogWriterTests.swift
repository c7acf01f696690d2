import Foundation
import Settings
import Testing

@testable import Server
@testable import Systemd

struct LineWriterTests {
  private func line(_ record: LogRecord) -> String {
    var writer = LineWriter()
    writer.append(record)
    return writer.text
  }

  @Test func `a line is gunicorn's with the fields behind it`() throws {
    let text = self.line(
      LogRecord(.info, "POST /v1/messages 200", id: .request, ["REQUEST_ID": "req_1", "STATUS": 200]))
    let head = #/\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[(\d+)\] \[INFO\] /#
    let match = try #require(try head.prefixMatch(in: text))
    #expect(Int32(match.1) == getpid())
    #expect(text[match.range.upperBound...] == "POST /v1/messages 200 request_id=req_1 status=200\n")
  }

  @Test(arguments: [
    ("plain", "plain"), ("two words", #""two words""#), ("", #""""#), (#"a"b\c"#, #""a\"b\\c""#),
    ("a\nb", #""a\nb""#), ("\u{1B}[2J", #""\x1b[2J""#), ("x\u{9B}2J", #""x\u009b2J""#),
    ("größer", #""größer""#),
  ])
  func `a value stays one word on one line`(value: String, written: String) {
    #expect(self.line(LogRecord(.info, "m", ["K": .text(value)])).hasSuffix("[INFO] m k=\(written)\n"))
  }

  @Test func `a message cannot begin a line of its own`() {
    let text = self.line(LogRecord(.error, "no\n[2026-01-01 00:00:00 +0000] [1] [INFO] forged\r\u{0}"))
    #expect(text.split(separator: "\n").count == 1)
    #expect(text.hasSuffix(#"no\n[2026-01-01 00:00:00 +0000] [1] [INFO] forged\r\x00"# + "\n"))
  }

  @Test func `everything is written to a pipe that is slow and does not block`() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
    let reading = ends[0]
    let writing = ends[1]
    let thread = try LogThread.start(level: .info, to: .lines(descriptor: writing), capacity: 20_000)
    let count = 5_000
    let filler = String(repeating: "x", count: 200)
    for number in 0..<count { thread.logger.info("\(filler) \(number)") }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while text.count(where: { $0 == 10 }) < count {
      let got = read(reading, &buffer, buffer.count)
      guard got > 0 else { break }
      text += buffer.prefix(got)
    }
    #expect(thread.finish(withinMilliseconds: 10_000))
    close(reading)
    close(writing)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == count)
    #expect(lines.last?.hasSuffix("x \(count - 1)") == true)
    #expect(thread.logger.droppedCount == 0)
  }
}

struct JournalWriterTests {
  @Test func `a record becomes the fields of a journal entry`() {
    let entry = JournalWriter.entry(
      for: LogRecord(
        .warning, "line one\nline two", id: .reloadFailed,
        ["STATUS": 404, "ROUTE": "/x", "RAW": .bytes([0, 10])]))
    #expect(
      entry.fields == [
        Array("PRIORITY=4".utf8), Array("MESSAGE=line one\nline two".utf8),
        Array("SYSLOG_IDENTIFIER=claude-proxy".utf8),
        Array("MESSAGE_ID=\(MessageID.reloadFailed.text)".utf8), Array("STATUS=404".utf8),
        Array("ROUTE=/x".utf8), Array("RAW=".utf8) + [0, 10],
      ])
  }

  @Test func `too many fields cost themselves, not the record`() {
    var fields: LogFields = [:]
    for _ in 0..<1000 { fields.append("FIELD", "x") }
    let entry = JournalWriter.entry(for: LogRecord(.info, "m", fields))
    #expect(entry.fields.count == JournalEntry.largestFieldCount)
    #expect(entry.fields[1] == Array("MESSAGE=m".utf8))
  }
}
