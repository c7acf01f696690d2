import Gateway
import Settings
import Testing

/// Where a backend's list of models is.
@Suite struct ModelURLTests {
  @Test(
    "the list is beside the place answers come from",
    arguments: [
      ("http://h/v1/chat/completions", "http://h/v1/models"),
      ("http://h:8000/api/v1/chat/completions?key=x", "http://h:8000/api/v1/models?key=x"),
      ("http://h/chat/completions/", "http://h/models"), ("http://h/ask", "http://h/models"),
      ("http://h/", "http://h/models"), ("http://h/a/b/ask", "http://h/a/b/models"),
      (
        "https://r.example/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
        "https://r.example/openai/models?api-version=2024-10-21"
      ),
      ("https://r.example/openai/deployments?api-version=1", "https://r.example/openai/models?api-version=1"),
    ])
  func url(_ answers: String, _ list: String) throws {
    let upstream = OpenAIUpstream(
      chatCompletionsURL: try UpstreamURL(parsing: answers), key: nil, keyMode: .forward)
    #expect(upstream.modelsURL.description == list)
  }
}
