import Dialogue
import Testing
import Wire

/// What must hold of every request, whatever is in it.
@Suite struct MetamorphicTests {
  private static let requests = Golden.all.filter { $0.mode == .request && $0.exit == 0 }

  private func send(_ bytes: [UInt8], _ from: Dialect, _ profile: Profile, model: String? = nil) throws
    -> [UInt8]
  {
    guard
      case .send(let body) = try Translation.request(
        try JSONDocument(bytes), from: from, to: profile, model: model)
    else { return [] }
    return body.bytes
  }

  @Test(arguments: MetamorphicTests.requests)
  func theSameProtocolKeepsEveryByte(_ golden: Golden) throws {
    let bytes = try Golden.bytes(golden.inputPath)
    let same = ProfileTable.standard(for: golden.from)
    #expect(try self.send(bytes, golden.from, same) == bytes)
    let renamed = try self.send(bytes, golden.from, same, model: "other")
    let model = try #require(try JSONDocument(bytes).root["model"]?.rawText)
    let expected = String(decoding: bytes, as: UTF8.self).replacing(
      model, with: "\"other\"", maxReplacements: 1)
    #expect(String(decoding: renamed, as: UTF8.self) == expected)
  }

  /// White space between tokens and the order of members change nothing that a prompt cache hashes.
  @Test(arguments: MetamorphicTests.requests)
  func layoutOfTheRequestDoesNotShow(_ golden: Golden) throws {
    let bytes = try Golden.bytes(golden.inputPath)
    var compact = JSONWriter()
    compact.compact(try JSONDocument(bytes).root)
    let one = try JSONDocument(try self.send(bytes, golden.from, golden.profile))
    let other = try JSONDocument(try self.send(compact.bytes, golden.from, golden.profile))
    #expect(Same.difference(one.root, other.root) == nil)
  }

  /// What came to the other protocol and back says the same to a third reader.
  @Test(arguments: MetamorphicTests.requests)
  func thereAndBackKeepsTheConversation(_ golden: Golden) throws {
    let there = try self.send(try Golden.bytes(golden.inputPath), golden.from, golden.profile)
    let back = try #require(ProfileTable.profile(named: golden.from == .messages ? "anthropic" : "openai"))
    let again = try self.send(there, golden.to, back)
    let forward = try #require(ProfileTable.profile(named: golden.to == .messages ? "anthropic" : "openai"))
    let once = try self.send(again, golden.from, forward)
    let twice = try self.send(try self.send(once, golden.to, back), golden.from, forward)
    let (left, right) = (try JSONDocument(once).root, try JSONDocument(twice).root)
    for name in ["messages", "tools", "tool_choice", "system"] {
      switch (left.member(named: name), right.member(named: name)) {
      case (let one?, let other?): #expect(Same.difference(one, other) == nil, "\(name)")
      case (nil, nil): break
      default: Issue.record("\(name) came or went")
      }
    }
  }

  private static let messagesFields = [
    "model", "max_tokens", "messages", "system", "stop_sequences", "stream", "temperature", "top_p", "top_k",
    "thinking",
    "output_config", "output_format", "tools", "tool_choice", "metadata", "cache_control", "service_tier",
    "speed",
    "container", "context_management", "mcp_servers", "inference_geo", "diagnostics", "billing_policy",
    "fallback_credit_token", "fallbacks", "compaction", "thread", "betas", "user_profile_id",
  ]
  private static let chatFields = [
    "model", "messages", "max_completion_tokens", "max_tokens", "temperature", "top_p", "n", "stop", "stream",
    "stream_options", "reasoning_effort", "verbosity", "response_format", "tools", "tool_choice",
    "parallel_tool_calls", "functions", "function_call", "logprobs", "top_logprobs", "logit_bias",
    "frequency_penalty", "presence_penalty", "seed", "prediction", "modalities", "audio",
    "web_search_options",
    "metadata", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
    "prompt_cache_options",
    "store", "service_tier", "moderation", "thinking", "reasoning", "enable_thinking", "chat_template_kwargs",
    "top_k",
    "extra_body",
  ]
  /// Values of the right kind that are no default, where any value will not do.
  private static let values: [String: String] = [
    "model": #""m""#, "max_tokens": "50", "max_completion_tokens": "50", "system": #""s""#,
    "stop_sequences": #"["x"]"#,
    "stop": #""x""#, "stream": "true", "temperature": "0.5", "top_p": "0.5", "top_k": "4", "n": "1",
    "thinking": #"{"type":"enabled","budget_tokens":2000}"#, "output_config": #"{"effort":"high"}"#,
    "output_format": #"{"type":"json_schema","schema":{"type":"object","properties":{}}}"#, "tools": "[]",
    "tool_choice": #"{"type":"auto"}"#, "metadata": #"{"user_id":"u"}"#,
    "cache_control": #"{"type":"ephemeral"}"#,
    "service_tier": #""standard_only""#, "stream_options": #"{"include_usage":true}"#,
    "reasoning_effort": #""high""#,
    "response_format": #"{"type":"json_object"}"#, "parallel_tool_calls": "true", "functions": "[]",
    "function_call": #""auto""#, "logprobs": "true", "top_logprobs": "2", "logit_bias": #"{"1":1}"#,
    "frequency_penalty": "1", "presence_penalty": "1", "modalities": #"["text"]"#, "user": #""u""#,
    "safety_identifier": #""u""#, "prompt_cache_key": #""k""#, "store": "true",
    "web_search_options": #"{"search_context_size":"low"}"#, "reasoning": #"{"effort":"low"}"#,
    "enable_thinking": "true",
  ]
  /// Nothing is lost when these are left out: they say what happens anyway.
  private static let silent: Set<String> = [
    "n", "tools", "tool_choice", "functions", "function_call", "stream_options", "modalities",
    "parallel_tool_calls",
  ]

  /// Every field a client may send is carried, mapped, refused or reported.
  @Test(arguments: [Dialect.messages, .chat])
  func noFieldGetsLostSilently(_ client: Dialect) throws {
    let profile = try #require(ProfileTable.profile(named: client == .messages ? "openai" : "anthropic-5"))
    let base = #""model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]"#
    let plain = try self.send(Array("{\(base)}".utf8), client, profile)
    for field in client == .messages ? Self.messagesFields : Self.chatFields {
      if ["model", "messages", "max_tokens"].contains(field) { continue }
      let value =
        field == "metadata" && client == .chat ? #"{"k":"v"}"# : Self.values[field] ?? #"{"unmapped":true}"#
      let body = Array("{\(base),\"\(field)\":\(value)}".utf8)
      do {
        guard
          case .send(let sent) = try Translation.request(try JSONDocument(body), from: client, to: profile)
        else {
          Issue.record("\(field): not sent")
          continue
        }
        let isReported = !sent.losses.isEmpty
        let isCarried = sent.bytes != plain
        #expect(isReported || isCarried || Self.silent.contains(field), "\(field)")
      } catch let refusal as Refusal {
        #expect(refusal.param?.hasPrefix(field) == true, "\(field)")
      }
    }
  }
}
