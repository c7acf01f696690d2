import Wire

extension ChatCompletions {
  /// Writes an answer as chunks: one with the role, deltas, one with the reason to stop, the usage if asked for,
  /// `[DONE]` (matrix D0-order).
  struct EventWriter {
    private struct Call {
      let isCustom: Bool
      let id: String
      let name: String
      /// Of a custom tool: written in one piece when it is whole.
      var arguments: [UInt8] = []
      var isWritten = false
      var hasArguments = false
    }

    private let context: ReplyContext
    private var surroundings: Surroundings
    private let head: [UInt8]
    private var calls: [Call] = []
    private var annotations = 0
    private var hasContent = false
    private var hasRefusal = false
    /// What the request is thought to have cost.
    var inputEstimate: Int
    private var visibleBytes = 0
    /// Those of the next text.
    private var logprobs: [UInt8] = []
    /// The text of the thought at hand, and the whole thoughts as blocks of a Messages upstream.
    private var thought: [UInt8] = []
    private var thoughts = JSONWriter()
    var output = Wire.EventWriter()

    init(_ context: ReplyContext, _ surroundings: Surroundings) {
      self.context = context
      self.surroundings = surroundings
      self.inputEstimate = context.inputEstimate
      var writer = JSONWriter()
      writer.string(self.surroundings.id("chatcmpl-"))
      var head = Array(#"{"id":"#.utf8) + writer.takeBytes()
      head += Array(#","object":"chat.completion.chunk","created":\#(surroundings.now),"model":"#.utf8)
      writer.string(context.model)
      self.head = head + writer.takeBytes() + Array(#","choices":["#.utf8)
    }

    /// One batch: what a single event of the upstream became. A call and its first arguments share a chunk.
    mutating func write(_ events: [ReplyEvent]) {
      var index = 0
      while index < events.count {
        index += 1
        switch events[index - 1] {
        case .begin: self.writeRole(startsWithCall: Self.isCall(events, index))
        case .text(let text):
          self.visibleBytes += text.count
          self.hasContent = true
          self.writeText("content", text)
        case .refusal(let text):
          self.hasRefusal = true
          self.writeText("refusal", text)
        case .reasoning(let text):
          self.visibleBytes += text.count
          if self.context.remembersState { text.appendEscaped(to: &self.thought) }
          if self.context.showsReasoning { self.writeText("reasoning_content", text) }
        case .reasoningEnd(let proof): self.remember(proof)
        case .callBegin(let number, let id, let name):
          index = self.beginCall(number, id, name, events, index)
        case .arguments(let number, let text, _):
          self.visibleBytes += text.count
          self.write(text, of: number)
        case .callEnd(let number): self.endCall(number)
        case .callExtra(let number, let name, let value): self.writeExtra(number, name, value)
        case .extra(let name, let value): self.write(name, value)
        case .logprobs(let value): self.logprobs = Array(value.rawBytes)
        case .citation(let citation, let start, let end): self.write(citation, start, end)
        case .finish(let stop, let usage): self.finish(stop, usage)
        case .failure(let failure): self.fail(failure)
        case .ping: self.ping()
        }
      }
    }

    mutating func ping() { self.output.comment("ping") }

    private static func isCall(_ events: [ReplyEvent], _ index: Int) -> Bool {
      guard index < events.count, case .callBegin = events[index] else { return false }
      return true
    }

    /// Signed thoughts, to be put back in front of these calls (matrix B-think-4).
    var toolStates: [ToolState] {
      if self.thoughts.bytes.isEmpty { return [] }
      let state = Array("[".utf8) + self.thoughts.bytes + Array("]".utf8)
      return self.calls.map { ToolState(call: $0.id, state: state) }
    }

    private mutating func remember(_ proof: ReplyProof) {
      guard self.context.remembersState else { return }
      ReplyProof.write(proof, Text(escaped: self.thought), to: &self.thoughts)
      self.thought.removeAll(keepingCapacity: true)
    }

    // MARK: Chunks

    private mutating func openChunk() {
      self.output.begin()
      let head = self.head
      self.output.json.fragment(head.span)
      self.output.json.fragment(#"{"index":0,"delta":"#)
      self.output.json.beginObject()
    }

    private mutating func closeChunk(_ reason: StaticString? = nil) {
      self.output.json.endObject()
      if self.logprobs.isEmpty {
        self.output.json.fragment(#","logprobs":null,"finish_reason":"#)
      } else {
        self.output.json.fragment(#","logprobs":"#)
        let logprobs = self.logprobs
        self.output.json.fragment(logprobs.span)
        self.output.json.fragment(#","finish_reason":"#)
        self.logprobs.removeAll(keepingCapacity: true)
      }
      if let reason {
        self.output.json.fragment("\"")
        self.output.json.fragment(reason)
        self.output.json.fragment("\"}]")
      } else {
        self.output.json.fragment("null}]")
      }
      self.output.json.fragment(self.context.wantsUsage ? #","usage":null}"# : "}")
      self.output.end()
    }

    private mutating func writeRole(startsWithCall: Bool) {
      self.openChunk()
      self.output.json.key("role")
      self.output.json.string("assistant")
      self.output.json.key("content")
      if startsWithCall, self.context.profile.dialect == .chat {
        self.output.json.null()
      } else {
        self.output.json.string("")
      }
      self.closeChunk()
    }

    private mutating func writeText(_ member: StaticString, _ text: Text) {
      if text.isEmpty { return }
      self.openChunk()
      self.output.json.key(member)
      text.writeString(to: &self.output.json)
      self.closeChunk()
    }

    private mutating func write(_ member: StaticString, _ value: JSONValue) {
      guard self.context.showsReasoning else { return }
      self.openChunk()
      self.output.json.key(member)
      self.output.json.compact(value)
      self.closeChunk()
    }

    private mutating func write(_ citation: Citation, _ start: Int, _ end: Int) {
      self.openChunk()
      self.output.json.key("annotations")
      self.output.json.beginArray()
      self.output.json.beginObject()
      self.output.json.key("index")
      self.output.json.integer(self.annotations)
      ReplyWriter.citation(citation, start: start, end: end, to: &self.output.json)
      self.output.json.endObject()
      self.output.json.endArray()
      self.closeChunk()
      self.annotations += 1
    }

    // MARK: Calls

    /// Returns the index of the first event that is not part of this chunk.
    private mutating func beginCall(
      _ number: Int, _ id: String, _ name: String, _ events: [ReplyEvent], _ start: Int
    ) -> Int {
      guard number == self.calls.count else { return start }
      let callID = Naming.unused(
        id.isEmpty ? self.surroundings.id("call_") : id, among: Set(self.calls.map(\.id)))
      self.calls.append(
        Call(
          isCustom: self.context.isCustomTool(name), id: callID, name: self.context.clientName(name)))
      if self.calls[number].isCustom { return start }
      if self.context.isLegacy, number > 0 { return start }
      var arguments: [Text] = []
      var extras: [(Text, JSONValue)] = []
      var index = start
      gather: while index < events.count {
        switch events[index] {
        case .arguments(number, let text, _): arguments.append(text)
        case .callExtra(number, let name, let value): extras.append((name, value))
        default: break gather
        }
        index += 1
      }
      self.calls[number].hasArguments = arguments.contains { !$0.isEmpty }
      self.openCallChunk(number)
      if !self.context.isLegacy {
        self.output.json.key("id")
        self.output.json.string(callID)
        self.output.json.key("type")
        self.output.json.string("function")
        self.output.json.key("function")
        self.output.json.beginObject()
      }
      self.output.json.key("name")
      self.output.json.string(self.calls[number].name)
      self.output.json.key("arguments")
      self.output.json.beginString()
      for text in arguments { text.write(to: &self.output.json) }
      self.output.json.endString()
      if !self.context.isLegacy {
        self.output.json.endObject()
        for (name, value) in extras { self.writeMember(name, value) }
      }
      self.closeCallChunk()
      return index
    }

    private mutating func openCallChunk(_ number: Int) {
      self.openChunk()
      if self.context.isLegacy {
        self.output.json.key("function_call")
        self.output.json.beginObject()
        return
      }
      self.output.json.key("tool_calls")
      self.output.json.beginArray()
      self.output.json.beginObject()
      self.output.json.key("index")
      self.output.json.integer(number)
    }

    private mutating func closeCallChunk() {
      self.output.json.endObject()
      if !self.context.isLegacy { self.output.json.endArray() }
      self.closeChunk()
    }

    private mutating func write(_ text: Text, of number: Int) {
      guard self.calls.indices.contains(number), !text.isEmpty else { return }
      self.calls[number].hasArguments = true
      if self.calls[number].isCustom {
        text.appendEscaped(to: &self.calls[number].arguments)
        return
      }
      if self.context.isLegacy, number > 0 { return }
      self.openCallChunk(number)
      if !self.context.isLegacy {
        self.output.json.key("function")
        self.output.json.beginObject()
      }
      self.output.json.key("arguments")
      text.writeString(to: &self.output.json)
      if !self.context.isLegacy { self.output.json.endObject() }
      self.closeCallChunk()
    }

    private mutating func writeExtra(_ number: Int, _ name: Text, _ value: JSONValue) {
      guard self.calls.indices.contains(number), !self.context.isLegacy else { return }
      self.openCallChunk(number)
      self.writeMember(name, value)
      self.closeCallChunk()
    }

    private mutating func writeMember(_ name: Text, _ value: JSONValue) {
      self.output.json.key(text: name.plain)
      self.output.json.compact(value)
    }

    private mutating func endCall(_ number: Int) {
      guard self.calls.indices.contains(number), self.calls[number].isCustom, !self.calls[number].isWritten
      else {
        return
      }
      self.calls[number].isWritten = true
      let call = self.calls[number]
      self.openCallChunk(number)
      self.output.json.key("id")
      self.output.json.string(call.id)
      self.output.json.key("type")
      self.output.json.string("custom")
      self.output.json.key("custom")
      let whole = ToolCall(
        id: call.id, name: call.name, arguments: .text(Text(escaped: call.arguments)), value: nil)
      ReplyWriter.custom(whole, self.context, to: &self.output.json)
      self.closeCallChunk()
    }

    // MARK: End

    private mutating func finish(_ stop: StopReason, _ usage: Usage?) {
      for number in self.calls.indices {
        if self.calls[number].isCustom {
          self.endCall(number)
        } else if !self.calls[number].hasArguments {
          self.write(Text(literal: "{}"), of: number)
        }
      }
      if case .refusal(let explanation) = stop, !self.hasRefusal,
        let text = ReplyWriter.refusal(explanation, self.context)
      {
        self.writeText("refusal", text)
      }
      self.openChunk()
      self.closeChunk(ReplyWriter.finishReason(stop, self.context, hasCalls: !self.calls.isEmpty))
      if self.context.wantsUsage { self.write(usage) }
      self.output.event(data: "[DONE]")
    }

    private mutating func write(_ usage: Usage?) {
      let estimate = self.context.estimate(input: self.inputEstimate, visibleBytes: self.visibleBytes)
      self.output.begin()
      let head = self.head
      self.output.json.fragment(head.span)
      self.output.json.fragment(#"],"usage":"#)
      ReplyWriter.usage(usage ?? estimate, to: &self.output.json)
      self.output.json.fragment("}")
      self.output.end()
    }

    /// Nothing follows: clients take `[DONE]` for success.
    private mutating func fail(_ failure: Failure) {
      self.output.begin()
      FailureCodec.write(failure, to: &self.output.json)
      self.output.end()
    }
  }
}
