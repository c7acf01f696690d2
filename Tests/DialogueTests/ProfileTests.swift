import Dialogue
import Testing
import Wire

@Suite struct ProfileTests {
  @Test(arguments: [
    ("P-LEGACY", "generic"), ("P-CHAT", "openai"), ("p-a5", "anthropic-5"), ("Mistral", "mistral"),
    ("P-A5-ALWAYS", "anthropic-5-always"),
  ])
  func namesAndAliasesFindTheirRow(_ name: String, _ row: String) {
    #expect(ProfileTable.profile(named: name)?.name == row)
  }

  @Test func everyNameIsUniqueAndFound() {
    #expect(Set(ProfileTable.names).count == ProfileTable.names.count)
    for name in ProfileTable.names { #expect(ProfileTable.profile(named: name)?.name == name) }
    #expect(ProfileTable.profile(named: "no-such") == nil)
  }

  @Test(arguments: [
    ("api.openai.com", "gpt-4.1", "openai"), ("api.openai.com", "gpt-5.4", "openai-reasoning"),
    ("API.OpenAI.com", "o3-mini", "openai-reasoning"), ("my.openai.azure.com", "d", "azure"),
    ("api.deepseek.com", "x", "deepseek"), ("notapi.deepseek.com.evil", "x", "generic"),
    ("evilopenrouter.ai", "x", "generic"), ("127.0.0.1", "x", "generic"),
  ])
  func hostsHaveTheirProfile(_ host: String, _ model: String, _ row: String) {
    #expect(ProfileTable.chatProfile(host: host, model: model).name == row)
  }

  @Test(arguments: [
    ("claude-sonnet-4-5-20250929", "anthropic-4.5"), ("claude-opus-4-6", "anthropic-4.6"),
    ("claude-opus-5-5", "anthropic-5-always"), ("claude-opus-5", "anthropic-5"),
    ("claude-opus-4.7", "anthropic-4.7"),
    ("claude-3-5-sonnet-20241022", "anthropic"), ("m", "anthropic"),
    ("claude-fable-5", "anthropic-5-thinking"),
  ])
  func claudeModelsHaveTheirProfile(_ model: String, _ row: String) {
    #expect(ProfileTable.messagesProfile(model: model).name == row)
  }

  @Test func singleCapabilitiesCanBeSet() throws {
    let generic = ProfileTable.standard(for: .chat)
    let flags = try JSONDocument(
      #"{"stop_max":2,"think_tags":true,"max_tokens_field":"max_completion_tokens","tool_choice":"auto","normalise":true,"reasoning_in":{"effort":["low","high"]}}"#
    )
    let profile = try generic.overridden(by: flags.root)
    #expect(profile.chat.maxStops == 2)
    #expect(profile.chat.parsesThinkTags)
    #expect(profile.chat.hasMaxCompletionTokens)
    #expect(profile.isNormalised)
    #expect(profile.chat.reasoning == .effort([.low, .high]))
    let claude = try ProfileTable.standard(for: .messages).overridden(
      by: try JSONDocument(#"{"prefill":false,"default_max_tokens":100}"#).root)
    #expect(!claude.messages.takesPrefill)
    #expect(claude.messages.defaultMaxTokens == 100)
  }

  @Test(arguments: [
    #"{"no_such":1}"#, #"{"stop_max":"x"}"#, #"{"stop_max":-1}"#, #"[]"#, #"{"tool_id":"y"}"#,
  ])
  func whatIsNoCapabilityIsRefused(_ text: String) throws {
    let flags = try JSONDocument(text)
    #expect(throws: Refusal.self) { try ProfileTable.standard(for: .chat).overridden(by: flags.root) }
  }

  @Test(arguments: [
    (Effort.max, [Effort.none, .low, .high], Effort.high), (.minimal, [.low, .high], .low),
    (.none, [.low], .low),
    (.medium, [.none, .high], .high), (.xhigh, [.none, .low], .low),
  ])
  func effortsAreClamped(_ wish: Effort, _ listed: [Effort], _ expected: Effort) {
    #expect(wish.clamped(to: listed) == expected)
  }
}
