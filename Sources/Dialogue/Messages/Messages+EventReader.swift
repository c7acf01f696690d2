import Wire

extension Messages {
  /// Reads the events of a streamed Message (matrix D2).
  struct EventReader {
    private enum Block {
      case text
      case thinking(signature: [UInt8])
      /// `input`: what the start already held, escaped.
      case call(number: Int, hasArguments: Bool, input: [UInt8], joiner: PairJoiner)
      /// Understood by the protocol's owner only.
      case swallowed
    }

    private struct Source {
      let url: [UInt8]
      let title: [UInt8]?
    }

    private let context: ReplyContext
    private var hasBegun = false
    private(set) var isFinished = false
    private(set) var losses = Losses()
    private var blocks: [(index: Int, block: Block)] = []
    private var begunCalls = 0
    private var stop: StopReason?
    private var usage: Usage?
    private var textJoiner = PairJoiner()
    private var reasoningJoiner = PairJoiner()
    /// Positions in the joined text, in code points.
    private var position = 0
    private var blockStart = 0
    private var citations: [Source] = []

    init(_ context: ReplyContext) { self.context = context }

    /// The type inside counts; the event's name only where there is none.
    private struct Kind {
      let type: JSONValue?
      let name: [UInt8]

      func matches(_ word: StaticString) -> Bool {
        self.type?.matches(word) ?? self.name.elementsEqual(word.description.utf8)
      }
    }

    mutating func read(_ root: JSONValue, name: [UInt8], into events: inout [ReplyEvent]) {
      guard !self.isFinished, root.kind == .object else { return }
      let type = Kind(type: root["type"].flatMap { $0.kind == .string ? $0 : nil }, name: name)
      if type.type == nil, root.present("error") != nil {
        self.fail(root, into: &events)
        return
      }
      // The most frequent first: a stream is mostly deltas.
      if type.matches("content_block_delta") {
        self.readDelta(root, into: &events)
      } else if type.matches("content_block_start") {
        self.readStart(root, into: &events)
      } else if type.matches("content_block_stop") {
        self.readStop(root, into: &events)
      } else if type.matches("message_start") {
        self.begin(into: &events)
        self.usage = ReplyReader.usage(root["message"]?.present("usage"), onto: self.usage)
      } else if type.matches("message_delta") {
        self.readMessageDelta(root)
      } else if type.matches("message_stop") {
        self.finish(into: &events)
      } else if type.matches("ping") {
        events.append(.ping)
      } else if type.matches("error") {
        self.fail(root, into: &events)
      } else if type.matches("message"), !self.hasBegun {
        self.readWhole(root, into: &events)
      }
    }

    /// The end of the bytes: without a reason to stop the answer was cut.
    mutating func end(into events: inout [ReplyEvent]) {
      guard !self.isFinished else { return }
      if self.hasBegun, self.stop != nil {
        self.finish(into: &events)
      } else {
        self.fail(.truncated, into: &events)
      }
    }

    /// `[DONE]` is no part of this protocol; where it comes, the stream is over.
    mutating func done(into events: inout [ReplyEvent]) { self.end(into: &events) }

    private mutating func begin(into events: inout [ReplyEvent]) {
      if !self.hasBegun { events.append(.begin) }
      self.hasBegun = true
    }

    private mutating func fail(_ root: JSONValue, into events: inout [ReplyEvent]) {
      self.fail(Translation.failure(status: 500, body: root, from: .messages), into: &events)
    }

    private mutating func fail(_ failure: Failure, into events: inout [ReplyEvent]) {
      events.append(.failure(failure))
      self.isFinished = true
    }

    private mutating func readWhole(_ root: JSONValue, into events: inout [ReplyEvent]) {
      do {
        events += try ReplyReader.read(root).events(for: self.context.client)
      } catch {
        events.append(.failure(error))
      }
      self.hasBegun = true
      self.isFinished = true
    }

    private mutating func finish(into events: inout [ReplyEvent]) {
      guard self.hasBegun else {
        self.fail(.unusable, into: &events)
        return
      }
      // Blocks nobody closed are whole all the same.
      while !self.blocks.isEmpty { self.close(0, into: &events) }
      events.append(.finish(self.stop ?? .endTurn, self.usage))
      self.isFinished = true
    }

    private mutating func readMessageDelta(_ root: JSONValue) {
      if let delta = root["delta"], let reason = delta.present("stop_reason") {
        self.stop = ReplyReader.stop(reason.string, delta)
        // The document is read into again: what must outlive the event is copied.
        if case .refusal(let explanation?) = self.stop {
          self.stop = .refusal(explanation: Text(escaped: explanation.escaped))
        }
      }
      self.usage = ReplyReader.usage(root.present("usage"), onto: self.usage)
    }

    // MARK: Blocks

    private func place(_ root: JSONValue) -> Int? {
      guard let index = root["index"]?.integer else { return self.blocks.indices.last }
      return self.blocks.lastIndex { $0.index == index }
    }

    private mutating func readStart(_ root: JSONValue, into events: inout [ReplyEvent]) {
      guard let block = root["content_block"], let type = block["type"] else { return }
      self.begin(into: &events)
      let index = root["index"]?.integer ?? self.blocks.count
      self.blocks.removeAll { $0.index == index }
      if type.matches("text") {
        self.blockStart = self.position
        self.blocks.append((index, .text))
        if let text = block["text"] { self.emit(text, into: &events) }
        for citation in block["citations"]?.elements.compactMap(ReplyReader.citation) ?? [] {
          self.cite(citation)
        }
      } else if type.matches("thinking") {
        self.blocks.append((index, .thinking(signature: [])))
        if let text = block["thinking"], !text.isEmptyString { events.append(.reasoning(Text(text))) }
      } else if type.matches("redacted_thinking"), let data = block["data"] {
        self.blocks.append((index, .swallowed))
        events.append(.reasoningEnd(.redacted(Text(data))))
      } else if type.matches("tool_use"), let name = block["name"]?.string, !name.isEmpty,
        self.begunCalls < 1024
      {
        var input: [UInt8] = []
        if let value = block["input"], value.kind == .object, !value.isEmptyContainer {
          Arguments.object(value).text.appendEscaped(to: &input)
        }
        self.blocks.append(
          (index, .call(number: self.begunCalls, hasArguments: false, input: input, joiner: PairJoiner())))
        events.append(
          .callBegin(self.begunCalls, id: block["id"]?.string ?? "", name: name))
        self.begunCalls += 1
      } else {
        self.blocks.append((index, .swallowed))
        self.losses.add(
          .dropped, path: "content[\(index)]", word: type.string,
          because: "the client's protocol has no such block")
      }
    }

    private mutating func emit(_ value: JSONValue, into events: inout [ReplyEvent]) {
      guard !value.isEmptyString, let text = self.textJoiner.take(value) else { return }
      var count = 0
      text.withEscaped { count = TextLength.scalars($0) }
      self.position = Usage.sum(self.position, count)
      events.append(.text(text))
    }

    private mutating func readDelta(_ root: JSONValue, into events: inout [ReplyEvent]) {
      guard let delta = root["delta"] else { return }
      if self.place(root) == nil, delta["text"] != nil { self.openText(root, into: &events) }
      guard let place = self.place(root) else { return }
      switch self.blocks[place].block {
      case .text:
        if let text = delta["text"], text.kind == .string {
          self.emit(text, into: &events)
        } else if let citation = delta["citation"].flatMap(ReplyReader.citation) {
          self.cite(citation)
        }
      case .thinking(let signature):
        if let text = delta["thinking"], text.kind == .string, !text.isEmptyString {
          if let text = self.reasoningJoiner.take(text) { events.append(.reasoning(text)) }
        } else if let value = delta["signature"], value.kind == .string {
          self.blocks[place].block = .thinking(signature: signature + Text(value).escaped)
        }
      case .call(let number, let hasArguments, let input, var joiner):
        guard let json = delta["partial_json"], json.kind == .string, !json.isEmptyString else { return }
        let text = joiner.take(json)
        if !hasArguments || joiner.isHolding || json.hasLoneSurrogate {
          self.blocks[place].block = .call(number: number, hasArguments: true, input: input, joiner: joiner)
        }
        if let text { events.append(.arguments(number, text, isComplete: false)) }
      case .swallowed: break
      }
    }

    /// A delta of a block nobody opened.
    private mutating func openText(_ root: JSONValue, into events: inout [ReplyEvent]) {
      self.begin(into: &events)
      self.blockStart = self.position
      self.blocks.append((root["index"]?.integer ?? self.blocks.count, .text))
    }

    private mutating func cite(_ citation: Citation) {
      self.citations.append(Source(url: citation.url.escaped, title: citation.title?.escaped))
    }

    private mutating func readStop(_ root: JSONValue, into events: inout [ReplyEvent]) {
      guard let place = self.place(root) else { return }
      self.close(place, into: &events)
    }

    private mutating func close(_ place: Int, into events: inout [ReplyEvent]) {
      switch self.blocks.remove(at: place).block {
      case .text:
        if let rest = self.textJoiner.flush() { events.append(.text(rest)) }
        for source in self.citations {
          let citation = Citation(
            url: Text(escaped: source.url), title: source.title.map { Text(escaped: $0) })
          events.append(.citation(citation, start: self.blockStart, end: self.position))
        }
        self.citations = []
      case .thinking(let signature):
        if let rest = self.reasoningJoiner.flush() { events.append(.reasoning(rest)) }
        events.append(.reasoningEnd(signature.isEmpty ? .none : .signature(Text(escaped: signature))))
      case .call(let number, let hasArguments, let input, var joiner):
        if let rest = joiner.flush() { events.append(.arguments(number, rest, isComplete: true)) }
        if !hasArguments {
          let text = input.isEmpty ? Text(literal: "{}") : Text(escaped: input)
          events.append(.arguments(number, text, isComplete: true))
        }
        events.append(.callEnd(number))
      case .swallowed: break
      }
    }
  }
}
