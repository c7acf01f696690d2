import Wire

extension Messages {
  /// Writes an answer as the events of a Message, in the only order the protocol allows (matrix D0-order).
  ///
  ///     message_start (block_start delta* block_stop)* message_delta message_stop
  ///
  /// Blocks stand one after another, so a second call waits until the first is whole.
  struct EventWriter {
    private enum Open: Equatable {
      case nothing
      case text
      case thinking
      case call(Int)
    }

    /// Spelled whole: deltas are nearly all of a stream.
    private enum Delta {
      case text
      case thinking
      case signature
      case arguments

      /// What stands between the index and the text.
      var head: StaticString {
        switch self {
        case .text: #","delta":{"type":"text_delta","text":""#
        case .thinking: #","delta":{"type":"thinking_delta","thinking":""#
        case .signature: #","delta":{"type":"signature_delta","signature":""#
        case .arguments: #","delta":{"type":"input_json_delta","partial_json":""#
        }
      }
    }

    private enum Waiting {
      case text([UInt8])
      /// Without a proof it goes on in the next one.
      case thinking([UInt8], ReplyProof?)
      case call(Int)
    }

    private struct Call {
      let id: String
      let name: String
      var pending: [UInt8] = []
      var isComplete = false
      var hasArguments = false
      var isClosed = false
      /// The id the client knows; empty until the block is open.
      var clientID = ""
      var extra: [UInt8] = []
    }

    private let context: ReplyContext
    private var surroundings: Surroundings
    private var open = Open.nothing
    private var index = 0
    private var calls: [Call] = []
    private var queue: [Waiting] = []
    /// What the request is thought to have cost.
    var inputEstimate: Int
    private var visibleBytes = 0
    private(set) var droppedFragments = 0
    /// What waits behind a call that is not whole yet; nothing but an end of the call makes it less.
    private(set) var waitingBytes = 0
    /// How a block's deltas begin, from one to the next the same.
    private var head: [UInt8] = []
    private var headKind: Delta?
    private var headIndex = 0
    var output = Wire.EventWriter()

    init(_ context: ReplyContext, _ surroundings: Surroundings) {
      self.context = context
      self.surroundings = surroundings
      self.inputEstimate = context.inputEstimate
    }

    mutating func write(_ event: ReplyEvent) {
      switch event {
      case .begin: self.writeStart()
      case .text(let text), .refusal(let text): self.write(text, as: .text)
      case .reasoning(let text): self.write(text, as: .thinking)
      case .reasoningEnd(let proof): self.endReasoning(proof)
      case .callBegin(let number, let id, let name): self.beginCall(number, id, name)
      case .arguments(let number, let text, let isComplete): self.write(text, of: number, isComplete)
      case .callEnd(let number): self.endCall(number)
      case .callExtra(let number, let name, let value): self.remember(name, value, of: number)
      case .citation, .extra, .logprobs: break
      case .finish(let stop, let usage): self.finish(stop, usage)
      case .failure(let failure): self.fail(failure)
      case .ping: self.ping()
      }
    }

    mutating func ping() {
      self.output.begin(event: "ping")
      self.output.json.value(#"{"type":"ping"}"#)
      self.output.end()
    }

    /// What the upstream wants back with its calls; the first proof of a call counts.
    var toolStates: [ToolState] {
      self.calls.filter { !$0.extra.isEmpty && !$0.clientID.isEmpty }.map {
        ToolState(call: $0.clientID, state: $0.extra)
      }
    }

    private mutating func remember(_ name: Text, _ value: JSONValue, of number: Int) {
      guard self.context.remembersState, self.calls.indices.contains(number),
        self.calls[number].extra.isEmpty,
        name.plain == "extra_content", value.kind == .object
      else { return }
      self.calls[number].extra = Array(value.rawBytes)
    }

    // MARK: Start and end

    private mutating func writeStart() {
      self.output.begin(event: "message_start")
      self.output.json.beginObject()
      self.type("message_start")
      self.output.json.key("message")
      self.output.json.beginObject()
      ReplyWriter.head(self.context, &self.surroundings, to: &self.output.json)
      self.output.json.key("content")
      self.output.json.value("[]")
      self.output.json.key("stop_reason")
      self.output.json.null()
      self.output.json.key("stop_sequence")
      self.output.json.null()
      self.output.json.key("usage")
      var usage = Usage()
      usage.input = self.inputEstimate
      ReplyWriter.usage(usage, to: &self.output.json)
      self.output.json.endObject()
      self.output.json.endObject()
      self.output.end()
    }

    private mutating func finish(_ stop: StopReason, _ usage: Usage?) {
      self.closeBlock()
      self.drain(untilEnd: true)
      self.output.begin(event: "message_delta")
      self.output.json.beginObject()
      self.type("message_delta")
      self.output.json.key("delta")
      self.output.json.beginObject()
      ReplyWriter.stop(stop, to: &self.output.json)
      self.output.json.endObject()
      self.output.json.key("usage")
      let estimate = self.context.estimate(input: self.inputEstimate, visibleBytes: self.visibleBytes)
      ReplyWriter.usage(usage ?? estimate, to: &self.output.json)
      self.output.json.endObject()
      self.output.end()
      self.output.begin(event: "message_stop")
      self.output.json.value(#"{"type":"message_stop"}"#)
      self.output.end()
    }

    /// Blocks stay open: a client may run a truncated call when its block is closed.
    private mutating func fail(_ failure: Failure) {
      self.output.begin(event: "error")
      FailureCodec.write(failure, requestID: self.surroundings.id("req_"), to: &self.output.json)
      self.output.end()
    }

    private mutating func type(_ name: StaticString) {
      self.output.json.key("type")
      self.output.json.string(plain: name)
    }

    // MARK: Blocks

    private mutating func openBlock(_ kind: StaticString, _ rest: StaticString) {
      self.output.begin(event: "content_block_start")
      self.output.json.beginObject()
      self.type("content_block_start")
      self.output.json.key("index")
      self.output.json.integer(self.index)
      self.output.json.key("content_block")
      self.output.json.value(rest)
      self.output.json.endObject()
      self.output.end()
    }

    private mutating func openCall(_ number: Int) {
      let id = Naming.unused(
        ReplyWriter.callID(self.calls[number].id, &self.surroundings), among: Set(self.calls.map(\.clientID)))
      self.calls[number].clientID = id
      self.output.begin(event: "content_block_start")
      self.output.json.beginObject()
      self.type("content_block_start")
      self.output.json.key("index")
      self.output.json.integer(self.index)
      self.output.json.key("content_block")
      self.output.json.beginObject()
      self.type("tool_use")
      self.output.json.key("id")
      self.output.json.string(id)
      self.output.json.key("name")
      self.output.json.string(self.context.clientName(self.calls[number].name))
      self.output.json.key("input")
      self.output.json.value("{}")
      self.output.json.endObject()
      self.output.json.endObject()
      self.output.end()
      self.open = .call(number)
    }

    private mutating func delta(_ kind: Delta, _ text: Text) {
      if self.headKind != kind || self.headIndex != self.index { self.spellHead(kind) }
      self.output.beginPlain(self.head)
      text.write(to: &self.output.json)
      self.output.endPlain("\"}}\n\n")
    }

    private mutating func spellHead(_ kind: Delta) {
      (self.headKind, self.headIndex) = (kind, self.index)
      self.head.removeAll(keepingCapacity: true)
      self.head.append(literal: "event: content_block_delta\ndata: ")
      self.head.append(literal: #"{"type":"content_block_delta","index":"#)
      self.head.append(contentsOf: self.index.description.utf8)
      self.head.append(literal: kind.head)
    }

    private mutating func closeBlock(_ proof: ReplyProof = .none) {
      switch self.open {
      case .nothing: return
      case .text: break
      case .thinking:
        self.delta(.signature, ReplyWriter.proof(proof, self.context))
      case .call(let number): self.calls[number].isClosed = true
      }
      self.output.begin(event: "content_block_stop")
      self.output.json.beginObject()
      self.type("content_block_stop")
      self.output.json.key("index")
      self.output.json.integer(self.index)
      self.output.json.endObject()
      self.output.end()
      self.open = .nothing
      self.index += 1
    }

    private mutating func write(_ text: Text, as kind: Open) {
      if text.isEmpty { return }
      self.visibleBytes += text.count
      if case .call(let number) = self.open {
        if text.isBlank { return }
        guard self.calls[number].isComplete || !self.calls[number].hasArguments else {
          self.enqueue(text, kind)
          return
        }
        self.closeBlock()
        self.drain(untilEnd: false)
        if case .call = self.open {
          self.enqueue(text, kind)
          return
        }
      }
      if self.open != kind {
        self.closeBlock()
        if kind == .text {
          self.openBlock("text", #"{"type":"text","text":""}"#)
        } else {
          self.openBlock("thinking", #"{"type":"thinking","thinking":"","signature":""}"#)
        }
        self.open = kind
      }
      if kind == .text {
        self.delta(.text, text)
      } else {
        self.delta(.thinking, text)
      }
    }

    private mutating func enqueue(_ text: Text, _ kind: Open) {
      self.waitingBytes += text.count
      if kind == .thinking {
        self.queue.append(.thinking(text.escaped, nil))
      } else {
        self.queue.append(.text(text.escaped))
      }
    }

    private mutating func endReasoning(_ proof: ReplyProof) {
      if self.open == .thinking {
        self.closeBlock(proof)
        return
      }
      if case .thinking(let text, nil)? = self.queue.last {
        self.queue[self.queue.count - 1] = .thinking(text, proof)
        return
      }
      switch proof {
      case .none, .signature: return
      case .envelope, .redacted: break
      }
      self.closeBlock()
      self.output.begin(event: "content_block_start")
      self.output.json.beginObject()
      self.type("content_block_start")
      self.output.json.key("index")
      self.output.json.integer(self.index)
      self.output.json.key("content_block")
      ReplyWriter.redacted(proof, self.context, to: &self.output.json)
      self.output.json.endObject()
      self.output.end()
      self.open = .text
      self.closeBlock()
    }

    // MARK: Calls

    private mutating func beginCall(_ number: Int, _ id: String, _ name: String) {
      guard number == self.calls.count else { return }
      self.calls.append(Call(id: id, name: name))
      if case .call(let current) = self.open {
        guard self.calls[current].isComplete else {
          self.queue.append(.call(number))
          return
        }
        self.closeBlock()
        self.queue.append(.call(number))
        self.drain(untilEnd: false)
        return
      }
      self.closeBlock()
      self.openCall(number)
    }

    private mutating func write(_ text: Text, of number: Int, _ isComplete: Bool) {
      guard self.calls.indices.contains(number) else { return }
      guard !self.calls[number].isClosed else {
        if !text.isBlank { self.droppedFragments += 1 }
        return
      }
      self.calls[number].isComplete = isComplete
      self.visibleBytes += text.count
      if !text.isEmpty { self.calls[number].hasArguments = true }
      if self.open == .call(number) {
        if !text.isEmpty { self.delta(.arguments, text) }
        return
      }
      text.appendEscaped(to: &self.calls[number].pending)
      self.waitingBytes += text.count
      guard case .call(let current) = self.open, self.calls[current].isComplete else { return }
      self.closeBlock()
      self.drain(untilEnd: false)
    }

    private mutating func endCall(_ number: Int) {
      guard self.calls.indices.contains(number) else { return }
      self.calls[number].isComplete = true
      guard self.open == .call(number) else { return }
      self.closeBlock()
      self.drain(untilEnd: false)
    }

    /// Writes what waited; stops at a call that is not whole yet, unless nothing more will come.
    private mutating func drain(untilEnd: Bool) {
      var next = 0
      while next < self.queue.count {
        let waiting = self.queue[next]
        next += 1
        switch waiting {
        case .text(let bytes): self.write(Text(escaped: bytes), as: .text)
        case .thinking(let bytes, let proof):
          self.write(Text(escaped: bytes), as: .thinking)
          if let proof { self.closeBlock(proof) }
        case .call(let number):
          self.closeBlock()
          self.openCall(number)
          if !self.calls[number].pending.isEmpty {
            self.delta(.arguments, Text(escaped: self.calls[number].pending))
            self.calls[number].pending = []
          }
          if !untilEnd, !self.calls[number].isComplete || next == self.queue.count {
            self.queue.removeFirst(next)
            return
          }
          self.closeBlock()
        }
      }
      self.queue = []
      self.waitingBytes = 0
      if untilEnd { self.closeBlock() }
    }
  }
}
