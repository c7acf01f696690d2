import Testing
import Wire

@testable import Gateway
@testable import Settings

/// Counting by characters: everything a model reads counts, in either protocol.
@Suite struct CharacterEstimateTests {
  @Test(
    "texts, calls, results, tools and pictures count",
    arguments: [
      (#"{"messages":[{"role":"user","content":"abcdefgh"}]}"#, 8, 0, 2), (#"{"messages":[]}"#, 0, 0, 1),
      (#"{"system":"1234","messages":[{"role":"user","content":"h\u00e9llo wö"}]}"#, 12, 0, 3),
      (
        #"{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"AAAAAAAA"}}]}]}"#,
        0, 1, 256
      ),
      (
        #"{"messages":[{"content":[{"type":"tool_result","content":[{"type":"text","text":"abcd"},{"type":"image"}]}]}]}"#,
        4, 1, 257
      ),
      (#"{"messages":[{"content":[{"type":"tool_result","content":"abcd"},"efgh"]}]}"#, 8, 0, 2),
      (#"{"messages":[{"content":[{"type":"tool_use","name":"f","input":{"a":1}}]}]}"#, 8, 0, 2),
      (
        #"{"messages":[{"content":null,"tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]}]}"#,
        8, 0, 2
      ),
      (#"{"tools":[{"name":"f","description":"dd","input_schema":{}}]}"#, 5, 0, 1),
      (
        #"{"tools":[{"type":"function","function":{"name":"f","description":"dd","parameters":{}}}]}"#, 5, 0,
        1
      ),
      (#"{"messages":[{"content":[{"type":"thinking","thinking":"abcd","signature":"x"}]}]}"#, 4, 0, 1),
      (#"{"messages":[{"content":[{"type":"document","source":{"type":"text","data":"abcd"}}]}]}"#, 4, 0, 1),
      (
        #"{"messages":[{"content":[{"type":"document","source":{"type":"base64","data":"abcd"}}]}]}"#, 0, 1,
        256
      ),
      (#"{"messages":7,"system":false,"tools":"x"}"#, 0, 0, 1),
    ])
  func counts(body: String, characters: Int, images: Int, tokens: Int) throws {
    let estimate = CharacterEstimate(of: try JSONDocument(body).root)
    #expect(estimate.characters == characters)
    #expect(estimate.images == images)
    #expect(estimate.tokens(BudgetSettings()) == tokens)
  }

  @Test("no setting makes a count overflow")
  func extremes() throws {
    var settings = BudgetSettings()
    settings.charactersPerToken = .leastNonzeroMagnitude
    settings.tokensPerImage = .max
    let body = #"{"messages":[{"content":["a",{"type":"image"},{"type":"image"}]}]}"#
    #expect(CharacterEstimate(of: try JSONDocument(body).root).tokens(settings) > 1 << 39)
  }
}
