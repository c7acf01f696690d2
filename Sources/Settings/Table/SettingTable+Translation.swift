internal import Dialogue

extension SettingTable {
  static let translation: [SettingRow] = [
    SettingRow(
      "DEFAULT_SYSTEM_PROMPT", .translation, .live,
      .text("any text", to: \.translation.systemPrompt) { $0 }, meansSomethingEmpty: true,
      "Stands in front of the instructions of translated requests to `UPSTREAM_API_URL`; empty = nothing"),
    SettingRow(
      "TRANSLATION_LOSS", .translation, .live,
      .word(TranslationChoices.LossPolicy.allCases.map(\.rawValue), to: \.translation.losses) {
        TranslationChoices.LossPolicy(rawValue: $0.lowercased())
      } print: {
        $0.rawValue
      },
      "What becomes of things an upstream cannot be told: `ignore`, `report` in `x-proxy-dropped` and"
        + " `x-proxy-changed`, or `refuse` the request"),
    SettingRow(
      "EXPOSE_REASONING", .translation, .live, .boolean(to: \.translation.exposesReasoning),
      "Let clients of `/v1/chat/completions` see what an Anthropic-speaking upstream's model thinks"),
    SettingRow(
      "UPSTREAM_PROFILE", .translation, .live, .profile(.messages, to: \.translation.anthropicProfile.name),
      defaultNote: "chosen by the model", "What the model behind `UPSTREAM_API_URL` can do"),
    SettingRow(
      "UPSTREAM_PROFILE_JSON", .translation, .live,
      .profileFlags(.messages, to: \.translation.anthropicProfile.flags),
      "Changes to single abilities of that profile, as a JSON object"),
    SettingRow(
      "OPENAI_PROFILE", .translation, .live, .profile(.chat, to: \.translation.openAIProfile.name),
      defaultNote: "chosen by host and model", "What the OpenAI-speaking upstream can do"),
    SettingRow(
      "OPENAI_PROFILE_JSON", .translation, .live,
      .profileFlags(.chat, to: \.translation.openAIProfile.flags),
      "Changes to single abilities of that profile, as a JSON object"),
    SettingRow(
      "ENVELOPE_KEY", .translation, .live, .secret(to: \.translation.envelopeKey),
      defaultNote: "made once and kept in the service's state directory",
      "Signs what upstreams want back with a conversation while it is in the hands of clients"),
  ]
}
