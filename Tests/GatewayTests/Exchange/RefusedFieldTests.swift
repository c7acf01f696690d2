import Gateway
import Testing

/// Which field an upstream refuses a request for.
@Suite struct RefusedFieldTests {
  static let sent =
    #"{"model":"m","messages":[{"role":"user","content":"temperature"}],"stream":true,"top_k":5,"seed":1,"stream_options":{"include_usage":true}}"#

  private func find(_ answer: String, status: Int = 400, sent: String = Self.sent) -> String? {
    RefusedField.find(status: status, in: Array(answer.utf8), sent: Array(sent.utf8))
  }

  @Test(
    "each vendor's words name it",
    arguments: [
      (
        #"{"error":{"message":"Unknown parameter: 'top_k'.","param":"top_k","code":"unknown_parameter"}}"#,
        "top_k"
      ),
      (#"{"error":{"message":"Unrecognized request argument supplied: stream_options"}}"#, "stream_options"),
      (
        #"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}"#,
        "seed"
      ),
      (#"{"error":{"message":"Unsupported parameter: 'seed' is not supported with this model."}}"#, "seed"),
      ("this model does not support parameter top_k", "top_k"),
      (#"{"message":"stream_options: what is that?"}"#, "stream_options"),
    ])
  func named(answer: String, field: String) {
    #expect(self.find(answer) == field)
    #expect(self.find(answer, status: 422) == field)
  }

  @Test(
    "everything else is the client's to hear",
    arguments: [
      #"{"error":{"message":"top_k is too large"}}"#,
      #"{"error":{"message":"Unknown parameter: 'model'."}}"#,
      #"{"error":{"message":"Unknown parameter: 'stream'."}}"#,
      #"{"error":{"message":"Unknown parameter: 'temperature'."}}"#,
      #"{"error":{"message":"Unknown parameter: 'top_kx', 'xseed'."}}"#,
      #"{"error":{"message":"Unknown parameter: 'top_k', 'seed'."}}"#, "", "{}",
    ])
  func nothing(answer: String) {
    #expect(self.find(answer) == nil)
  }

  @Test("only a 400 or 422 is such a complaint, and only of a request that was kept")
  func statuses() {
    let complaint = "unknown parameter: top_k"
    for status in [200, 401, 404, 413, 429, 500] { #expect(self.find(complaint, status: status) == nil) }
    #expect(self.find(complaint, sent: "") == nil && self.find(complaint, sent: "[]") == nil)
  }

  @Test("fields are taken out, and nothing else changes")
  func without() throws {
    let mended = try #require(RefusedField.without(["top_k", "seed", "absent"], Array(Self.sent.utf8)))
    #expect(mended.fields == ["top_k", "seed"])
    #expect(
      String(decoding: mended.body, as: UTF8.self)
        == #"{"model":"m","messages":[{"role":"user","content":"temperature"}],"stream":true,"stream_options":{"include_usage":true}}"#
    )
    #expect(RefusedField.without(["absent"], Array(Self.sent.utf8)) == nil)
  }
}
