import Testing

@testable import Systemd

struct JournalEntryTests {
  @Test(arguments: ["REQUEST_ID", "A", "STATUS", "WORKER2", String(repeating: "A", count: 64)])
  func `a field name is upper case, digits and underscores`(name: String) {
    #expect(JournalEntry.isFieldName(name))
  }

  @Test(arguments: ["", "_PID", "1A", "status", "A-B", "A=B", "Ä", "A\n", String(repeating: "A", count: 65)])
  func `other names are refused before journald drops them`(name: String) {
    #expect(!JournalEntry.isFieldName(name))
    var entry = JournalEntry(priority: .info, message: "m")
    #expect(throws: JournalError.badFieldName(name)) { try entry.append(name, "value") }
  }

  @Test func `each field is one vector, whatever bytes its value has`() throws {
    var entry = JournalEntry(priority: .warning, message: "two\nlines")
    try entry.append("REQUEST_ID", "req_1")
    try entry.append("BODY", bytes: [0, 10, 255])
    try entry.append("EMPTY", "")
    #expect(
      entry.fields == [
        Array("PRIORITY=4".utf8), Array("MESSAGE=two\nlines".utf8), Array("REQUEST_ID=req_1".utf8),
        Array("BODY=".utf8) + [0, 10, 255], Array("EMPTY=".utf8),
      ])
  }

  @Test func `there is an end to fields`() throws {
    var entry = JournalEntry(priority: .info, message: "m")
    for number in 2..<JournalEntry.largestFieldCount { try entry.append("FIELD_\(number)", "x") }
    #expect(throws: JournalError.tooManyFields) { try entry.append("ONE_MORE", "x") }
  }
}
