import Foundation
import Gateway
import Testing

/// `/v1/models` in the shape both protocols' clients read.
@Suite struct ModelsPageTests {
  private func page() throws -> ModelsPage {
    var names = ConfiguredNames()
    names.defaultModel = "claude-x"
    names.aliases = [("fast", "org/model-x"), ("claude-x", "ignored")]
    names.mapped = ["gpt-4o", "gpt-4o-mini"]
    let list = try ModelListReader.read(
      status: 200,
      Array(
        #"{"data":[{"id":"Org/Model-X","created":784111777,"owned_by":"vllm","max_model_len":4096},{"id":"gpt-4o"}]}"#
          .utf8))
    return ModelsPage(names, [list])
  }

  private func json(_ bytes: [UInt8]?) throws -> [String: Any] {
    let data = Data(try #require(bytes))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func ids(_ query: String?) throws -> [String] {
    let data = try #require(try self.json(try self.page().list(query: query))["data"] as? [[String: Any]])
    return data.compactMap { $0["id"] as? String }
  }

  @Test("the default model, aliases, mapped names and what was discovered, each once")
  func everything() throws {
    #expect(try self.ids(nil) == ["claude-x", "fast", "gpt-4o", "gpt-4o-mini", "Org/Model-X"])
    let list = try self.json(try self.page().list(query: "limit=1000"))
    #expect(list["object"] as? String == "list" && list["has_more"] as? Bool == false)
    #expect(list["first_id"] as? String == "claude-x" && list["last_id"] as? String == "Org/Model-X")
  }

  @Test("one model has the members of both protocols; an unknown date is 0 and 1970")
  func members() throws {
    let plain = try self.json(try self.page().one("claude-x"))
    #expect(plain["object"] as? String == "model" && plain["type"] as? String == "model")
    #expect(plain["created"] as? Int == 0 && plain["created_at"] as? String == "1970-01-01T00:00:00Z")
    #expect(plain["owned_by"] as? String == "anthropic" && plain["display_name"] as? String == "claude-x")
    #expect(plain["lifecycle"] as? String == "active" && plain["max_input_tokens"] == nil)
    let found = try self.json(try self.page().one("org/MODEL-x"))
    #expect(found["id"] as? String == "Org/Model-X" && found["owned_by"] as? String == "vllm")
    #expect(found["created_at"] as? String == "1994-11-06T08:49:37Z")
    #expect(found["max_input_tokens"] as? Int == 4_096)
    #expect(try self.json(try self.page().one("fast"))["max_input_tokens"] as? Int == 4_096)
    #expect(try self.page().one("nope") == nil)
  }

  @Test(
    "pages go forwards and backwards",
    arguments: [
      ("limit=2", ["claude-x", "fast"], true), ("limit=2&after_id=fast", ["gpt-4o", "gpt-4o-mini"], true),
      ("after_id=gpt-4o-mini&limit=2", ["Org/Model-X"], false), ("after_id=Org%2FModel-X", [], false),
      ("limit=2&before_id=gpt-4o-mini", ["fast", "gpt-4o"], true), ("before_id=fast", ["claude-x"], false),
      ("after_id=gone", [], false),
      ("limit=99999999999", ["claude-x", "fast", "gpt-4o", "gpt-4o-mini", "Org/Model-X"], false),
    ])
  func pages(query: String, expected: [String], hasMore: Bool) throws {
    #expect(try self.ids(query) == expected)
    #expect(try self.json(try self.page().list(query: query))["has_more"] as? Bool == hasMore)
  }

  @Test(
    "a limit that is no positive number is refused", arguments: ["limit=0", "limit=-1", "limit=x", "limit="])
  func badLimit(_ query: String) throws {
    #expect(try self.page().list(query: query) == nil)
  }

  @Test("percent-encoded text is decoded or refused, never guessed")
  func percent() {
    #expect(PercentText.decode("a%2Fb%C3%A9") == "a/bé")
    for bad in ["%", "%2", "%zz", "%ff", "a%00b", "%0a"] { #expect(PercentText.decode(bad) == nil, "\(bad)") }
    #expect(PercentText.value(of: "x", in: "y=1&x=a%20b&x=2") == "a b")
    #expect(PercentText.value(of: "x", in: "y=1") == nil && PercentText.value(of: "x", in: nil) == nil)
  }
}
