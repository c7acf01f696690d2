import Dialogue
import Testing

@testable import Gateway
@testable import Settings

/// Which profile an upstream has.
@Suite struct ProfileChoiceTests {
  private func upstream(_ host: String, azure: Bool = false) throws -> OpenAIUpstream {
    OpenAIUpstream(
      chatCompletionsURL: try UpstreamURL(parsing: "https://\(host)/v1/chat/completions"), key: nil,
      keyMode: .dynamic, azure: azure ? AzureFlavour(version: "v", isPerModel: true) : nil)
  }

  @Test(
    "host and model choose, else the upstream's own list, else the careful one",
    arguments: [
      ("api.openai.com", "gpt-4o", nil, "openai"), ("api.openai.com", "o3-mini", nil, "openai-reasoning"),
      ("api.openai.com", "gpt-4o", "vllm", "openai"), ("127.0.0.1", "m", nil, "generic"),
      ("127.0.0.1", "m", "vllm", "vllm"), ("127.0.0.1", "m", "unheard-of", "generic"),
      ("api.mistral.ai", nil, nil, "mistral"),
    ] as [(String, String?, String?, String)])
  func found(host: String, model: String?, published: String?, expected: String) throws {
    let choice = ProfileChoice(TranslationChoices())
    #expect(choice.chat(try self.upstream(host), model: model, published: published).profile.name == expected)
  }

  @Test("Azure is Azure wherever it stands")
  func azure() throws {
    let choice = ProfileChoice(TranslationChoices())
    let upstream = try self.upstream("gateway.example", azure: true)
    #expect(choice.chat(upstream, model: "m", published: nil).profile.name == "azure")
  }

  @Test(
    "what is settled beforehand is what would be found",
    arguments: [
      "api.openai.com", "api.mistral.ai", "127.0.0.1", "openrouter.ai",
    ])
  func settled(host: String) throws {
    let upstream = try self.upstream(host)
    let asked = ProfileChoice(TranslationChoices())
    let settled = ProfileChoice(TranslationChoices(), UpstreamPlan(openAI: upstream))
    for model in ["gpt-4o", "gpt-5", "o1", nil] {
      for published in ["vllm", nil] {
        let one = asked.chat(upstream, model: model, published: published)
        let other = settled.chat(upstream, model: model, published: published)
        #expect(one.profile.name == other.profile.name && one.rule == other.rule)
      }
    }
  }

  @Test("the operator's word counts, down to single abilities")
  func named() throws {
    var settings = TranslationChoices()
    settings.openAIProfile = .init(name: "openai", flags: #"{"stop_max": 2, "normalise": true}"#)
    settings.anthropicProfile = .init(name: nil, flags: #"{"prefill": false}"#)
    let choice = ProfileChoice(settings)
    let profile = choice.chat(try self.upstream("api.mistral.ai"), model: "m", published: "vllm").profile
    #expect(profile.name == "openai" && profile.chat.maxStops == 2 && profile.isNormalised)
    #expect(!choice.messages(model: "claude-sonnet-4-5").profile.messages.takesPrefill)
    #expect(choice.messages(model: "claude-sonnet-4-5").profile.name == "anthropic-4.5")
    #expect(ProfileChoice(TranslationChoices()).messages(model: nil).profile.name == "anthropic")
  }
}
