import Dialogue
import Gateway
import Testing
import Wire

/// Which field an upstream refuses a request for, and the request without it.
@Suite struct RefusedFieldTests {
  static let sent =
    #"{"model":"m","messages":[{"role":"user","content":"temperature"}],"top_k":5,"stream":true,"stream_options":{"include_usage":true},"seed":1}"#

  private func source(_ text: String, without drops: [String] = []) throws -> RequestSource {
    // Its requests are rebuilt even for clients of its own protocol, so any member may be in them.
    let profile = try #require(ProfileTable.profile(named: "vllm"))
    return RequestSource(
      try JSONDocument(text), from: .chat, to: profile, curedOf: drops.map { Remedy($0) })
  }

  private func body(_ text: String, without drops: [String] = []) throws -> Translation.Body {
    guard case .send(let body) = try self.source(text, without: drops).request(try JSONDocument(text)) else {
      throw CancellationError()
    }
    return body
  }

  private func find(_ answer: String, status: Int = 400, sent: String = Self.sent) throws -> SecondTry
    .Request?
  {
    let body = try self.body(sent)
    let failure = Translation.failure(status: status, headers: [], body: Array(answer.utf8), from: .chat)
    var context = body.context
    return SecondTry(try self.source(sent), sent: body.bytes)
      .request(after: failure, saying: Array(answer.utf8), &context)
  }

  @Test("the request is what is sent to begin with")
  func asItIs() throws {
    #expect(String(decoding: try self.body(Self.sent).bytes, as: UTF8.self) == Self.sent)
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
      ("stream_options: what is that?", "stream_options"),
    ])
  func named(answer: String, field: String) throws {
    for status in [400, 422] {
      let request = try #require(try self.find(answer, status: status))
      #expect(request.remedy.field == field)
      let (now, before) = (try JSONDocument(request.body).root, try JSONDocument(Self.sent).root)
      #expect(now.member(named: field) == nil)
      #expect(now.members.count { _ in true } == before.members.count { _ in true } - 1)
      #expect(request.losses.header([.dropped]) == field)
    }
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
  func nothing(answer: String) throws {
    #expect(try self.find(answer) == nil)
  }

  @Test("only a 400 or 422 is such a complaint")
  func statuses() throws {
    let complaint = "unknown parameter: top_k"
    #expect(try self.find(complaint) != nil)
    for status in [200, 401, 404, 413, 429, 500] { #expect(try self.find(complaint, status: status) == nil) }
  }

  @Test("fields are taken out, and nothing else changes")
  func without() throws {
    let body = try self.body(Self.sent, without: ["top_k", "seed", "absent"])
    #expect(body.losses.inOrder.map(\.path) == ["top_k", "seed"])
    #expect(
      String(decoding: body.bytes, as: UTF8.self)
        == #"{"model":"m","messages":[{"role":"user","content":"temperature"}],"stream":true,"stream_options":{"include_usage":true}}"#
    )
    let untouched = try self.body(Self.sent, without: ["absent"])
    #expect(untouched.losses.isEmpty && String(decoding: untouched.bytes, as: UTF8.self) == Self.sent)
  }
}
