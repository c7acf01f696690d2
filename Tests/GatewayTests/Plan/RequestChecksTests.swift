import Testing
import Wire

@testable import Gateway
@testable import Settings

/// The operator's limits on a Messages request.
@Suite struct RequestChecksTests {
  private func fault(_ body: String, _ change: (inout Limits) -> Void = { _ in }) throws -> ErrorReply? {
    var limits = Limits()
    change(&limits)
    return RequestChecks(limits).fault(in: try JSONDocument(body).root)
  }

  private func messages(_ count: Int) -> String {
    let list = Array(repeating: #"{"role":"user","content":"hi"}"#, count: count).joined(separator: ",")
    return #"{"messages":[\#(list)]}"#
  }

  @Test("limits are off unless they are set")
  func off() throws {
    #expect(try self.fault(self.messages(10_001)) == nil)
  }

  @Test("one message above the limit is one too many")
  func messages() throws {
    #expect(try self.fault(self.messages(3)) { $0.messages = 3 } == nil)
    let fault = try #require(try self.fault(self.messages(4)) { $0.messages = 3 })
    #expect(fault.status == 400 && fault.code == "too_many_messages" && fault.leadsMessage)
  }

  @Test(
    "contents are counted as texts and as JSON",
    arguments: [
      (#"{"messages":[{"content":"abc"},{"content":"de"}]}"#, 5),
      (#"{"messages":[{"content":[{"type":"text","text":"a"}]}]}"#, 28),
      (#"{"messages":[{"content":"a\u00e9"}]}"#, 3), (#"{"messages":[{"content":null},{}]}"#, 0),
    ])
  func contents(body: String, bytes: Int) throws {
    #expect(try self.fault(body) { $0.contentBytes = bytes } == nil)
    guard bytes > 0 else { return }
    let fault = try #require(try self.fault(body) { $0.contentBytes = bytes - 1 })
    #expect(fault.status == 413 && fault.code == "content_too_large")
  }

  @Test("a system prompt is counted alike")
  func system() throws {
    let body = #"{"system":"abcd","messages":[]}"#
    #expect(try self.fault(body) { $0.systemBytes = 4 } == nil)
    #expect(try self.fault(body) { $0.systemBytes = 3 }?.code == "system_prompt_too_large")
  }

  @Test(
    "a body of another shape is for its reader to refuse",
    arguments: [
      "{}", #"{"messages":7,"system":8}"#, #"{"messages":[1,null,[]]}"#, #"{"messages":{"a":1}}"#,
    ])
  func shapes(body: String) throws {
    #expect(try self.fault(body) { ($0.messages, $0.contentBytes, $0.systemBytes) = (9, 9, 9) } == nil)
  }

  @Test("no messages is nothing to answer")
  func empty() throws {
    let empty = RequestChecks.emptiness(of: try JSONDocument(#"{"messages":[]}"#).root)
    #expect(empty?.status == 400 && empty?.code == "empty_messages")
    #expect(RequestChecks.emptiness(of: try JSONDocument(#"{"messages":[1]}"#).root) == nil)
    #expect(RequestChecks.emptiness(of: try JSONDocument("{}").root) == nil)
  }
}
