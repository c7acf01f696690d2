import Wire

extension ChatCompletions {
  /// Reads the chunks of a streamed completion in all the forms compatible servers send them (matrix D1).
  struct EventReader {
    private let context: ReplyContext
    private var hasBegun = false
    private(set) var isFinished = false
    private var reason: String?
    private var matched: String?
    private var usage: Usage?
    private var refusal: [UInt8] = []
    private var isReasoning = false
    private var details = ReasoningDetails()
    private var textJoiner = PairJoiner()
    private var reasoningJoiner = PairJoiner()
    private var tags: ThinkTags?
    private var calls = CallTable()
    private var lastDelta: JSONPlace?
    /// Of a delta that only went on with a call.
    private var lastArguments: CallTable.Place?
    /// Some content came as deltas.
    private var hasDeltas = false

    init(_ context: ReplyContext) {
      self.context = context
      if context.profile.row.chat.parsesThinkTags { self.tags = ThinkTags() }
    }

    mutating func read(_ root: JSONValue, name: [UInt8], into events: inout [ReplyEvent]) {
      guard !self.isFinished else { return }
      // Most chunks differ from the one before in a text of their delta only.
      if self.hasBegun, let place = self.lastDelta, let delta = root.document.value(at: place) {
        if let place = self.lastArguments, self.calls.goOn(at: place, root.document, into: &events) { return }
        self.read(delta: delta, into: &events)
        return
      }
      self.lastArguments = nil
      let chunk = Chunk(root)
      self.lastDelta = chunk.deltaPlace
      if chunk.isError || (!chunk.hasChoice && name.elementsEqual("error".utf8)) {
        self.fail(Translation.failure(status: 200, body: root, from: .chat), into: &events)
        return
      }
      if chunk.message != nil, chunk.delta == nil, chunk.reason != nil, !self.hasBegun {
        self.readWhole(root, into: &events)
        return
      }
      guard chunk.hasChoice || chunk.usage != nil else { return }
      self.begin(into: &events)
      if self.context.client == .chat, let logprobs = chunk.logprobs { events.append(.logprobs(logprobs)) }
      if let delta = chunk.delta {
        self.read(delta: delta, into: &events)
      } else if let message = chunk.message, !self.hasDeltas {
        // Some servers cut an answer into messages; behind deltas, a message only repeats them.
        self.read(delta: message, into: &events)
        self.hasDeltas = false
      }
      self.readEnd(chunk, into: &events)
      guard !self.isFinished, let usage = chunk.usage else { return }
      let isApart = self.context.profile.row.chat.countsReasoningApart
      if let counts = ReplyReader.usage(usage, countsReasoningApart: isApart) { self.usage = counts }
      if self.reason != nil { self.finish(into: &events) }
    }

    /// `[DONE]`.
    mutating func done(into events: inout [ReplyEvent]) {
      guard !self.isFinished else { return }
      if self.hasBegun {
        self.finish(into: &events)
      } else {
        self.fail(.unusable, into: &events)
      }
    }

    /// The end of the bytes: without a reason to stop or `[DONE]` the answer was cut.
    mutating func end(into events: inout [ReplyEvent]) {
      guard !self.isFinished else { return }
      if self.reason != nil {
        self.finish(into: &events)
      } else {
        self.fail(.truncated, into: &events)
      }
    }

    private mutating func begin(into events: inout [ReplyEvent]) {
      if !self.hasBegun { events.append(.begin) }
      self.hasBegun = true
    }

    private mutating func readWhole(_ root: JSONValue, into events: inout [ReplyEvent]) {
      do {
        let reply = try ReplyReader.read(root, self.context)
        self.hasBegun = true
        self.isFinished = true
        events += reply.events(for: self.context.client)
      } catch {
        self.fail(error, into: &events)
      }
    }

    private mutating func fail(_ failure: Failure, into events: inout [ReplyEvent]) {
      events.append(.failure(failure))
      self.isFinished = true
    }

    // MARK: One choice

    /// One pass: most deltas have a single member.
    private mutating func read(delta: JSONValue, into events: inout [ReplyEvent]) {
      var content: JSONValue?
      var refusal: JSONValue?
      var hasReasoning = false
      var hasCalls = false
      self.lastArguments = nil
      var member = delta.members
      while member.advance() {
        if member.isNull || member.value.isEmptyString { continue }
        if member.isNamed("content") {
          content = member.value
        } else if member.isNamed("refusal") {
          refusal = member.value
        } else if member.isNamed("reasoning_content") || member.isNamed("reasoning")
          || member.isNamed("reasoning_details")
        {
          hasReasoning = true
        } else if member.isNamed("tool_calls") || member.isNamed("function_call") {
          hasCalls = true
        } else if member.isNamed("extra_content") {
          self.calls.beginWaiting(into: &events)
          self.calls.takeExtra(member.key, member.value, into: &events)
        }
      }
      guard hasReasoning || hasCalls || content != nil || refusal != nil else { return }
      self.hasDeltas = true
      if hasReasoning { self.readReasoning(delta, into: &events) }
      if let content { self.read(content: content, into: &events) }
      if let refusal, refusal.kind == .string {
        self.endText(into: &events)
        self.endReasoning(into: &events)
        Text(refusal).appendEscaped(to: &self.refusal)
        events.append(.refusal(Text(refusal)))
      }
      guard hasCalls else { return }
      self.readCalls(delta, into: &events)
      if !hasReasoning, content == nil, refusal == nil { self.lastArguments = self.calls.place(in: delta) }
    }

    private mutating func readEnd(_ chunk: Chunk, into events: inout [ReplyEvent]) {
      if let matched = chunk.matched { self.matched = matched.string }
      guard let reason = chunk.reason else { return }
      if let failure = ReplyReader.failure(reason.string) {
        self.fail(failure, into: &events)
      } else if self.reason == nil || (self.reason == "stop" && reason.matches("tool_calls")) {
        self.reason = reason.string
      }
    }

    private mutating func readReasoning(_ delta: JSONValue, into events: inout [ReplyEvent]) {
      if let found = ReasoningText.plain(in: delta) {
        if self.context.client == .chat, ReasoningText.isNamedAsByVendors(found, in: delta) {
          self.calls.beginWaiting(into: &events)
          events.append(.extra(name: ReasoningText.vendorsName, found))
        } else {
          self.think(found, into: &events)
        }
      } else {
        for text in ReasoningText.details(in: delta) { self.think(text, into: &events) }
      }
      if let details = delta["reasoning_details"], details.kind == .array, !details.isEmptyContainer {
        self.details.take(details)
        if self.context.client == .chat { events.append(.extra(name: "reasoning_details", details)) }
        self.isReasoning = true
      }
    }

    private mutating func think(_ value: JSONValue, into events: inout [ReplyEvent]) {
      guard let text = self.reasoningJoiner.take(value) else { return }
      self.calls.beginWaiting(into: &events)
      self.isReasoning = true
      events.append(.reasoning(text))
    }

    private mutating func read(content: JSONValue, into events: inout [ReplyEvent]) {
      if content.kind == .string {
        guard let text = self.textJoiner.take(content) else { return }
        self.emit(text, into: &events)
        return
      }
      let thinksBeside = events.contains { if case .reasoning = $0 { true } else { false } }
      for part in content.elements {
        if part["type"]?.matches("thinking") == true {
          // The same thoughts in two places count once.
          if thinksBeside { continue }
          for text in ReasoningText.inside(part) { self.think(text, into: &events) }
        } else if let value = part["text"], value.kind == .string, !value.isEmptyString {
          if let text = self.textJoiner.take(value) { self.emit(text, into: &events) }
        }
      }
    }

    private mutating func emit(_ text: Text, into events: inout [ReplyEvent]) {
      self.calls.beginWaiting(into: &events)
      guard self.tags != nil else {
        self.endReasoning(into: &events)
        events.append(.text(text))
        return
      }
      self.emit(self.tags?.take(text) ?? [], into: &events)
    }

    private mutating func emit(_ pieces: [ThinkTags.Piece], into events: inout [ReplyEvent]) {
      for piece in pieces {
        if piece.isThought {
          self.isReasoning = true
          events.append(.reasoning(piece.text))
        } else {
          self.endReasoning(into: &events)
          events.append(.text(piece.text))
        }
      }
    }

    /// What was held back may not stand behind what comes now.
    private mutating func endText(into events: inout [ReplyEvent]) {
      if let rest = self.textJoiner.flush() { self.emit(rest, into: &events) }
      if let pieces = self.tags?.flush() { self.emit(pieces, into: &events) }
    }

    private mutating func endReasoning(into events: inout [ReplyEvent]) {
      guard self.isReasoning else { return }
      if let rest = self.reasoningJoiner.flush() { events.append(.reasoning(rest)) }
      events.append(.reasoningEnd(self.details.isEmpty ? .none : .envelope(self.details.payload)))
      self.details = ReasoningDetails()
      self.isReasoning = false
    }

    private mutating func readCalls(_ delta: JSONValue, into events: inout [ReplyEvent]) {
      self.endText(into: &events)
      if let list = delta["tool_calls"], list.kind == .array {
        for fragment in list.elements where fragment.kind == .object {
          self.endReasoning(into: &events)
          self.calls.take(
            fragment, function: fragment.present("function") ?? fragment.present("custom"), into: &events)
        }
      }
      if let call = delta["function_call"], call.kind == .object {
        self.endReasoning(into: &events)
        self.calls.takeLegacy(call, into: &events)
      }
    }

    private mutating func finish(into events: inout [ReplyEvent]) {
      self.endText(into: &events)
      self.endReasoning(into: &events)
      self.calls.finish(into: &events)
      let stop = ReplyReader.stop(
        self.reason, matched: self.matched, hasCalls: self.calls.hasCalls,
        refusal: self.refusal.isEmpty ? nil : Text(escaped: self.refusal), self.context)
      events.append(.finish(stop, self.usage))
      self.isFinished = true
    }
  }
}
