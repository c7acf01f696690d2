import Wire

extension ChatCompletions {
  /// Reads a chat completion into an answer.
  struct ReplyReader {
    private let client: Dialect
    private let row: Profile.Row
    private var reply = Reply()

    static func read(_ root: JSONValue, _ context: ReplyContext) throws(Failure) -> Reply {
      var whole = Completion()
      whole.read(root)
      if whole.isSuspect, Chunk(root).isError {
        throw Translation.failure(status: 200, body: root, from: .chat)
      }
      guard let message = whole.message, message.kind == .object else {
        throw .unusable("The upstream's answer has no choices.")
      }
      var reader = ReplyReader(context)
      reader.read(message)
      reader.reportLosses(whole, message)
      if context.client == .chat {
        reader.reply.logprobs = whole.logprobs
        reader.reply.details = message.present("reasoning_details")
        if let text = ReasoningText.plain(in: message), ReasoningText.isNamedAsByVendors(text, in: message) {
          reader.reply.thoughtName = ReasoningText.vendorsName
        }
      }
      reader.reply.serviceTier = whole.serviceTier?.string.flatMap(ServiceTier.init(chat:))
      reader.reply.usage = Self.usage(
        whole.usage, countsReasoningApart: context.profile.row.chat.countsReasoningApart)
      // The usual one says no more than none.
      let reason = whole.reason?.matches("stop") == true ? nil : whole.reason?.string
      if let failure = Self.failure(reason) { throw failure }
      reader.reply.stop = Self.stop(
        reason, matched: whole.matched?.string, hasCalls: reader.reply.hasCalls,
        refusal: message["refusal"].map(Text.init), context)
      var reply = Reply()
      swap(&reply, &reader.reply)
      return reply
    }

    private init(_ context: ReplyContext) {
      self.client = context.client
      self.row = context.profile.row
    }

    /// Most messages are a text and nothing else.
    private mutating func read(_ message: JSONValue) {
      var isPlain = true
      var content: JSONValue?
      var member = message.members
      while member.advance() {
        if member.isNamed("content") {
          content = member.value
        } else if !member.isNull, !member.isNamed("role"), !member.isNamed("annotations") {
          isPlain = false
        }
      }
      if isPlain, let content, content.kind == .string { return self.append(Text(content)) }
      self.readReasoning(message)
      self.readContent(message)
      self.readCalls(message)
    }

    /// Towards another protocol; the same one may keep them.
    private mutating func reportLosses(_ whole: Completion, _ message: JSONValue) {
      guard self.client != .chat else { return }
      for choice in whole.others {
        self.reply.losses.drop(choice, because: "the client's protocol has one answer only")
      }
      if let annotations = message.present("annotations"), !annotations.isEmptyContainer {
        self.reply.losses.drop(annotations, because: "citations of this kind cannot be proved to the client")
      }
    }

    private mutating func readReasoning(_ message: JSONValue) {
      var found = ReasoningText.plain(in: message).map { [$0] } ?? ReasoningText.details(in: message)
      if found.isEmpty, let content = message["content"], content.kind == .array {
        found = content.elements.filter { $0["type"]?.matches("thinking") == true }.flatMap(
          ReasoningText.inside)
      }
      let details = message.present("reasoning_details").flatMap { $0.isEmptyContainer ? nil : $0 }
      guard !found.isEmpty || details != nil else { return }
      var proof = ReplyProof.none
      if let details {
        var merged = ReasoningDetails()
        merged.take(details)
        proof = .envelope(merged.payload)
      }
      self.reply.parts.append(.reasoning(Text.joined(found.map(Text.init), by: ""), proof))
    }

    private mutating func readContent(_ message: JSONValue) {
      if let refusal = message["refusal"], refusal.kind == .string, !refusal.isEmptyString {
        self.reply.parts.append(.refusal(Text(refusal)))
      }
      guard let content = message.present("content") else { return }
      self.append(content.kind == .string ? Text(content) : Self.joined(content))
    }

    private mutating func append(_ text: Text) {
      guard !text.isEmpty else { return }
      guard self.row.chat.parsesThinkTags else {
        self.reply.parts.append(.text(text, citations: []))
        return
      }
      var tags = ThinkTags()
      let pieces = tags.take(text) + tags.flush()
      let thought = Text.joined(pieces.filter(\.isThought).map(\.text), by: "")
      let answer = Text.joined(pieces.filter { !$0.isThought }.map(\.text), by: "")
      if !thought.isEmpty { self.reply.parts.append(.reasoning(thought, .none)) }
      if !answer.isEmpty { self.reply.parts.append(.text(answer, citations: [])) }
    }

    private static func joined(_ content: JSONValue) -> Text {
      var texts: [Text] = []
      for part in content.elements {
        if part["type"]?.matches("thinking") != true, let text = part["text"] { texts.append(Text(text)) }
      }
      return Text.joined(texts, by: "")
    }

    private mutating func readCalls(_ message: JSONValue) {
      if let calls = message["tool_calls"] {
        for call in calls.elements {
          let function = call.present("function") ?? call.present("custom")
          guard let name = function?["name"]?.string, !name.isEmpty else { continue }
          let id = call["id"].flatMap { $0.string ?? $0.integer.map(String.init) } ?? ""
          self.append(id, name, function?["arguments"] ?? function?["input"], call)
        }
      }
      if let call = message.present("function_call"), let name = call["name"]?.string, !self.reply.hasCalls {
        self.append("", name, call["arguments"], call)
      }
    }

    private mutating func append(_ id: String, _ name: String, _ arguments: JSONValue?, _ value: JSONValue) {
      let read: Arguments
      switch arguments?.kind {
      case .object?: read = arguments.map(Arguments.object) ?? .text(Text(literal: ""))
      case .string?: read = .text(arguments.map(Text.init) ?? Text(literal: ""))
      default: read = .text(Text(literal: ""))
      }
      self.reply.parts.append(.call(ToolCall(id: id, name: name, arguments: read, value: value)))
    }

    // MARK: Ends

    /// Matrix C3: some reasons are no ends but failures.
    static func failure(_ reason: String?) -> Failure? {
      switch reason {
      case "error", "network_error", "abort": Failure(.server, "The upstream failed while it answered.")
      case "insufficient_system_resource":
        Failure(.overloaded, "The upstream has not enough resources to go on.")
      default: nil
      }
    }

    static func stop(
      _ reason: String?, matched: String?, hasCalls: Bool, refusal: Text?, _ context: ReplyContext
    ) -> StopReason {
      let refusal = refusal.flatMap { $0.isEmpty ? nil : $0 }
      switch reason {
      case "length", "max_tokens", "model_length": return .maxTokens
      case "model_context_window_exceeded": return .contextWindow
      case "content_filter", "sensitive", "safety": return .refusal(explanation: refusal)
      default: break
      }
      if hasCalls { return .toolUse }
      if let refusal { return .refusal(explanation: refusal) }
      if let matched, context.requestedStops.contains(matched) { return .stopSequence(matched) }
      return .endTurn
    }

    /// Matrix N-usage-1 and the vendors' own places for the same numbers.
    static func usage(_ value: JSONValue?, countsReasoningApart: Bool = false) -> Usage? {
      guard let value, value.kind == .object else { return nil }
      func count(_ value: JSONValue?) -> Int { max(0, value?.integer ?? 0) }
      var usage = Usage()
      var (details, outputDetails): (JSONValue?, JSONValue?)
      var (prompt, hits, cached): (JSONValue?, JSONValue?, JSONValue?)
      var member = value.members
      while member.advance() {
        if member.isNamed("prompt_tokens") {
          prompt = member.value
        } else if member.isNamed("completion_tokens") {
          usage.output = count(member.value)
        } else if member.isNamed("prompt_tokens_details") {
          details = member.value
        } else if member.isNamed("completion_tokens_details") {
          outputDetails = member.value
        } else if member.isNamed("prompt_cache_hit_tokens") {
          hits = member.isNull ? nil : member.value
        } else if member.isNamed("cached_tokens") {
          cached = member.value
        }
      }
      usage.cacheRead = count(details?.present("cached_tokens") ?? hits ?? cached)
      usage.cacheWrite = count(details?["cache_write_tokens"])
      usage.input = max(0, count(prompt) - Usage.sum(usage.cacheRead, usage.cacheWrite))
      usage.reasoning = outputDetails?["reasoning_tokens"]?.integer.map { max(0, $0) }
      if countsReasoningApart { usage.output = Usage.sum(usage.output, usage.reasoning ?? 0) }
      return usage
    }
  }
}
