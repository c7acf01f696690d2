/// Which row fits an upstream nobody named a profile for.
extension ProfileTable {
  /// By the host's end.
  private static let hosts: [(suffix: String, profile: String)] = [
    ("api.openai.com", "openai"), ("openai.azure.com", "azure"), ("services.ai.azure.com", "azure"),
    ("api.deepseek.com", "deepseek"), ("api.mistral.ai", "mistral"),
    ("generativelanguage.googleapis.com", "gemini"),
    ("openrouter.ai", "openrouter"), ("api.groq.com", "groq"), ("api.x.ai", "xai"),
    ("api.moonshot.ai", "kimi"),
    ("api.moonshot.cn", "kimi"), ("api.z.ai", "glm"), ("open.bigmodel.cn", "glm"), ("aliyuncs.com", "qwen"),
  ]

  /// By what a Claude model's name holds (matrix A4.3); the first that fits counts.
  private static let claudeModels: [(part: String, profile: String)] = [
    ("fable-5-1", "anthropic-5-always"), ("mythos-5-1", "anthropic-5-always"),
    ("opus-5-5", "anthropic-5-always"),
    ("sonnet-5-5", "anthropic-5-always"), ("fable-5", "anthropic-5-thinking"),
    ("mythos-5", "anthropic-5-thinking"),
    ("haiku-5", "anthropic-5"), ("sonnet-5", "anthropic-5"), ("opus-5", "anthropic-5"),
    ("opus-4-8", "anthropic-5"),
    ("opus-4-7", "anthropic-4.7"), ("opus-4-6", "anthropic-4.6"), ("sonnet-4-6", "anthropic-4.6"),
    ("opus-4-5", "anthropic-4.5"), ("sonnet-4-5", "anthropic-4.5"), ("haiku-4-5", "anthropic-4.5"),
  ]

  private static let reasoningPrefixes: [StaticString] = ["gpt-5", "gpt-6", "o1", "o3", "o4"]

  /// Whether a model of OpenAI's own thinks before it speaks.
  package static func isReasoning(_ model: String?) -> Bool {
    guard let model else { return false }
    let name = model.utf8Span.span
    guard !name.isEmpty else { return false }
    // None of the prefixes begins otherwise.
    switch name[0] | 0x20 {
    case UInt8(ascii: "g"), UInt8(ascii: "o"): break
    default: return false
    }
    for prefix in self.reasoningPrefixes where Self.begins(name, with: prefix) { return true }
    return false
  }

  /// In any case; the prefix is in lower case.
  private static func begins(_ name: Span<UInt8>, with prefix: StaticString) -> Bool {
    let count = prefix.utf8CodeUnitCount
    guard name.count >= count else { return false }
    for index in 0..<count {
      let byte = name[index] &- 0x41 < 26 ? name[index] | 0x20 : name[index]
      // In bounds: the index is below the prefix's count.
      if unsafe byte != prefix.utf8Start[index] { return false }
    }
    return true
  }

  /// The profile of a host that speaks Chat Completions, for that model; generic where nothing is known.
  package static func chatProfile(host: String, model: String?) -> Profile {
    let host = host.lowercased()
    let row = self.hosts.first { host == $0.suffix || host.hasSuffix(".\($0.suffix)") }
    let name = row?.profile ?? "generic"
    let chosen = name == "openai" && self.isReasoning(model) ? "openai-reasoning" : name
    return self.profile(named: chosen) ?? self.standard(for: .chat)
  }

  /// The profile of a Messages upstream for that model; the careful one where the model is not known.
  package static func messagesProfile(model: String?) -> Profile {
    let model = (model ?? "").lowercased().split(separator: ".").joined(separator: "-")
    let row = self.claudeModels.first { model.contains($0.part) }
    return row.flatMap { self.profile(named: $0.profile) } ?? self.standard(for: .messages)
  }
}
