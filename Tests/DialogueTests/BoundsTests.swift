import Dialogue
import Testing
import Wire

/// Requests made to cost more than they weigh.
@Suite struct BoundsTests {
  private func translate(_ body: String, from client: Dialect, to profile: String) throws -> Translation.Body?
  {
    let row = try #require(ProfileTable.profile(named: profile))
    let document = try JSONDocument(body)
    guard case .send(let sent) = try Translation.request(document, from: client, to: row) else { return nil }
    return sent
  }

  @Test func manyLossesAreCappedAndSaySo() throws {
    let fields = (0..<20_000).map { #""x\#($0)":1"# }.joined(separator: ",")
    let body = #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}],\#(fields)}"#
    let losses = try #require(try self.translate(body, from: .messages, to: "openai")).losses
    #expect(losses.inOrder.count == 257)
    #expect(losses.inOrder.last?.reason == "more losses than are listed")
    #expect((losses.header([.dropped])?.utf8.count ?? 0) <= 1024)
  }

  @Test func manyCallsAndResultsStayLinear() throws {
    let calls = (0..<5000).map { #"{"type":"tool_use","id":"t\#($0)","name":"f","input":{}}"# }.joined(
      separator: ",")
    let results = (0..<5000).reversed().map {
      #"{"type":"tool_result","tool_use_id":"t\#($0)","content":"r"}"#
    }
    .joined(separator: ",")
    let body = """
      {"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[\(calls)]},\
      {"role":"user","content":[\(results)]}],"tools":[{"name":"f","input_schema":{}}]}
      """
    let sent = try #require(try self.translate(body, from: .messages, to: "openai"))
    let messages = try JSONDocument(sent.bytes).root["messages"]?.elements.map(\.self) ?? []
    #expect(messages.count == 5002)
    #expect(messages[2]["tool_call_id"]?.string == "t0")
    #expect(messages[5001]["tool_call_id"]?.string == "t4999")
  }

  @Test func manyShortTurnsStayLinear() throws {
    let turns = (0..<20_000).map { #"{"role":"user","content":"t\#($0)"}"# }.joined(separator: ",")
    let sent = try #require(
      try self.translate(#"{"model":"m","messages":[\#(turns)]}"#, from: .chat, to: "anthropic"))
    let content = try JSONDocument(sent.bytes).root["messages"]?.elements.map(\.self).first?["content"]
    #expect(content?.elements.map(\.self).count == 20_000)
  }

  @Test func tooManyStopSequencesAreRefused() throws {
    let stops = (0..<65).map { #""s\#($0)""# }.joined(separator: ",")
    let body =
      #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}],"stop_sequences":[\#(stops)]}"#
    let refusal = #expect(throws: Refusal.self) { try self.translate(body, from: .messages, to: "openai") }
    #expect(refusal?.param == "stop_sequences[64]")
  }

  @Test func deepNestingIsRefusedNotFollowed() throws {
    let deep = String(repeating: "[", count: 100_000)
    let error = #expect(throws: JSONError.self) { try JSONDocument(deep) }
    #expect(error?.reason == .tooDeep)
  }
}
