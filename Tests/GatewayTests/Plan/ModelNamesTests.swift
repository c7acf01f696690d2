import Dialogue
import Testing

@testable import Gateway
@testable import Settings

/// What an upstream is asked for when a client names a model.
@Suite struct ModelNamesTests {
  private func names(_ change: (inout ModelSettings) -> Void = { _ in }) -> ModelNames {
    var settings = ModelSettings()
    change(&settings)
    return ModelNames(settings)
  }

  private func upstream(byBase: Bool) throws -> OpenAIUpstream {
    OpenAIUpstream(
      chatCompletionsURL: try UpstreamURL(parsing: "http://h/v1/chat/completions"), key: nil,
      keyMode: .dynamic,
      isNamedByBase: byBase)
  }

  @Test(
    "Claude's names become one of three sizes, names of other vendors stay",
    arguments: [
      ("claude-3-5-haiku", "small"), ("Claude-Opus", "big"), ("claude-sonnet-4", "middle"),
      ("gpt-4.1", "gpt-4.1"), ("gpt-5", "gpt-5"), ("deepseek-x", "deepseek-x"), ("o3-mini", "o3-mini"),
      ("o1", "o1"), ("o4", "o4"), ("o9-next", "o9-next"), ("chatgpt-4o-latest", "chatgpt-4o-latest"),
      ("ep-1", "ep-1"), ("doubao-1", "doubao-1"), ("zzz", "big"), ("opus-haiku", "small"),
      ("GPT-4", "big"), ("olmo", "big"),
    ])
  func sizes(asked: String, expected: String) throws {
    let names = self.names {
      $0.explicitBig = "big"
      $0.explicitMiddle = "middle"
      $0.explicitSmall = "small"
    }
    let upstream = try self.upstream(byBase: true)
    #expect(names.chat(asked, from: .messages, to: upstream, listed: { _ in nil }).name == expected)
    // A client of the same protocol means what it says.
    #expect(names.chat(asked, from: .chat, to: upstream, listed: { _ in nil }).name == asked)
  }

  @Test("an alias comes first, then the upstream's own list, then the sizes")
  func order() throws {
    let names = self.names { $0.aliases = [.init(name: "al", target: "org/real")] }
    let base = try self.upstream(byBase: true)
    let listed = ["org/real": "Org/Real", "claude-sonnet-4": "claude-sonnet-4"]
    #expect(names.chat("al", from: .messages, to: base, listed: { listed[$0] }).name == "Org/Real")
    #expect(names.chat("al", from: .chat, to: base, listed: { _ in nil }).name == "org/real")
    #expect(
      names.chat("claude-sonnet-4", from: .messages, to: base, listed: { listed[$0] }).name
        == "claude-sonnet-4")
    #expect(names.chat("claude-sonnet-4", from: .messages, to: base, listed: { _ in nil }).name == "gpt-4o")
    #expect(names.chat("", from: .messages, to: base, listed: { _ in nil }).name == "")
    #expect(names.chat(nil, from: .messages, to: base, listed: { _ in nil }).name == nil)
  }

  @Test("a backend named by its full URL gets names unchanged unless a size is set")
  func backend() throws {
    let backend = try self.upstream(byBase: false)
    let plain = self.names()
    #expect(plain.chat("claude-x", from: .messages, to: backend, listed: { _ in nil }).name == "claude-x")
    let sized = self.names { $0.explicitSmall = "s" }
    #expect(sized.chat("claude-haiku", from: .messages, to: backend, listed: { _ in nil }).name == "s")
    #expect(sized.chat("claude-x", from: .messages, to: backend, listed: { _ in nil }).name == "gpt-4o")
  }

  @Test("towards Messages a chat client that names none gets the operator's choice")
  func standard() {
    let names = self.names { $0.aliases = [.init(name: "al", target: "real")] }
    #expect(names.messages(nil, from: .chat).name == "claude-3-5-sonnet-latest")
    #expect(names.messages("", from: .chat).name == "claude-3-5-sonnet-latest")
    #expect(names.messages("al", from: .chat).name == "real")
    #expect(names.messages("al", from: .messages).name == "real")
    #expect(names.messages(nil, from: .messages).name == nil)
    #expect(names.messages("AL", from: .chat).name == "AL")
  }
}
