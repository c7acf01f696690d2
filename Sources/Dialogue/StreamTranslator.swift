import Wire

/// One answer on its way from an upstream to a client that wants a stream.
///
/// Feed it what the upstream sends, cut anywhere; take what the client gets. A failure that comes before
/// anything was written is kept apart, because it can still become a true HTTP status.
package struct StreamTranslator {
  package enum Phase {
    /// Nothing for the client yet.
    case waiting
    case streaming
    /// The last byte for the client is written; the upstream can be let go.
    case ended
    /// The client gets an HTTP error instead of a stream.
    indirect case failed(Failure)
  }

  private enum Form {
    case unknown
    case events
    /// The upstream answers with one JSON body.
    case whole
    /// Same protocol: bytes are relayed.
    case relay
  }

  package private(set) var phase = Phase.waiting
  /// Events of the upstream that could not be read.
  package private(set) var skippedEvents = 0

  private let context: ReplyContext
  /// How it ended, while its price is counted.
  private var unpricedStop: StopReason?
  private var isPriced = false
  private var form: Form
  private var splitter = EventSplitter()
  private let document = JSONDocument()
  private var whole: [UInt8] = []
  private var relayed: [UInt8] = []
  private var renaming = RenamingRelay()
  private let readsChat: Bool
  private let chatReader: Half<ChatCompletions.EventReader>?
  private let messagesReader: Half<Messages.EventReader>?
  private let chatWriter: Half<ChatCompletions.EventWriter>?
  private let messagesWriter: Half<Messages.EventWriter>?
  private var scanner: StopScanner
  private var events: [ReplyEvent] = []
  private var filtered: [ReplyEvent] = []
  /// The stream was begun before the upstream's answer was.
  private var hasBegunEarly = false
  /// And nothing of the answer came since.
  private var isBegunOnly = false
  /// What the answer cost, as the upstream says.
  package private(set) var usage: Usage?
  /// The last thing the client heard is an error.
  package private(set) var hasFailed = false
  private let maxBytes: Int

  package init(_ context: ReplyContext, _ surroundings: Surroundings, maxBytes: Int = 64 << 20) {
    self.context = context
    self.maxBytes = maxBytes
    self.readsChat = context.profile.dialect == .chat
    self.form = context.client == context.profile.dialect && !context.profile.isNormalised ? .relay : .unknown
    let writesChat = context.client == .chat
    self.chatReader = self.readsChat ? Half(ChatCompletions.EventReader(context)) : nil
    self.messagesReader = self.readsChat ? nil : Half(Messages.EventReader(context))
    self.chatWriter = writesChat ? Half(ChatCompletions.EventWriter(context, surroundings)) : nil
    self.messagesWriter = writesChat ? nil : Half(Messages.EventWriter(context, surroundings))
    self.scanner = StopScanner(context.emulatedStops)
  }

  /// The reader or the writer of one protocol: a stream has one of each, and no room for the others.
  private final class Half<Value> {
    var value: Value

    init(_ value: Value) { self.value = value }
  }

  /// What of the answer the client does not hear.
  package var losses: Losses {
    var losses = self.messagesReader?.value.losses ?? Losses()
    if self.skippedEvents > 0 {
      losses.add(
        .dropped, path: "", word: "\(self.skippedEvents)_events",
        because: "events that are no JSON were skipped")
    }
    if let writer = self.messagesWriter, writer.value.droppedFragments > 0 {
      losses.add(
        .dropped, path: "choices[0].delta.tool_calls", because: "arguments came when their call was over")
    }
    return losses
  }

  /// Appends what is ready for the client and forgets it.
  package mutating func drain(into output: inout [UInt8]) {
    if !self.relayed.isEmpty {
      output.append(contentsOf: self.relayed)
      self.relayed.removeAll(keepingCapacity: true)
    }
    if let writer = self.chatWriter {
      output.append(contentsOf: writer.value.output.bytes)
      writer.value.output.removeAll()
    } else if let writer = self.messagesWriter {
      output.append(contentsOf: writer.value.output.bytes)
      writer.value.output.removeAll()
    }
  }

  /// What to remember of the answer for the client's next request.
  package var toolStates: [ToolState] {
    self.chatWriter?.value.toolStates ?? self.messagesWriter?.value.toolStates ?? []
  }

  package mutating func feed(_ bytes: Span<UInt8>) {
    guard self.isOpen, bytes.count > 0 else { return }
    if case .unknown = self.form { self.form = Self.form(bytes) }
    switch self.form {
    case .unknown: break
    case .relay:
      self.phase = .streaming
      if self.context.renamesModel {
        self.renaming.take(bytes, self.context, to: &self.relayed)
      } else {
        self.relayed.append(copying: bytes)
      }
    case .whole:
      if self.whole.count + bytes.count > self.maxBytes {
        self.take([.failure(.unusable("The upstream's answer is too large."))])
      } else {
        self.whole.append(copying: bytes)
      }
    case .events:
      self.splitter.append(bytes)
      self.readEvents()
    }
  }

  /// The upstream's bytes ended.
  package mutating func finish() {
    guard self.isOpen else { return }
    switch self.form {
    case .relay:
      self.renaming.finish(self.context, to: &self.relayed)
      self.phase = .ended
    case .whole: self.readWhole()
    case .unknown, .events:
      self.splitter.finish()
      self.readEvents()
      guard self.isOpen else { return }
      self.events.removeAll(keepingCapacity: true)
      if self.readsChat {
        self.chatReader?.value.end(into: &self.events)
      } else {
        self.messagesReader?.value.end(into: &self.events)
      }
      self.passOn()
    }
  }

  /// The transport broke or the daemon gives up.
  package mutating func fail(_ failure: Failure) {
    guard self.isOpen else { return }
    self.take([.failure(failure)])
  }

  /// Begins the stream before there is an answer: what fails from now on is said in the stream.
  package mutating func beginEarly() {
    guard case .waiting = self.phase else { return }
    self.take([.begin])
    self.hasBegunEarly = true
    self.isBegunOnly = true
  }

  package mutating func ping() {
    guard case .streaming = self.phase else { return }
    self.chatWriter?.value.ping()
    self.messagesWriter?.value.ping()
  }

  /// All has come but what it cost: the stream ends when it is told.
  package var awaitsPrice: Bool { self.unpricedStop != nil }

  /// How many tokens the request has, for upstreams that do not say.
  package mutating func price(input: Int) {
    self.isPriced = true
    self.chatWriter?.value.inputEstimate = input
    self.messagesWriter?.value.inputEstimate = input
    guard let stop = self.unpricedStop else { return }
    self.unpricedStop = nil
    self.events = [.finish(stop, nil)]
    self.deliver()
  }

  /// Holds the end of an answer back whose upstream has not said what it cost.
  private mutating func withholdEnd() {
    guard self.context.isCounted, self.context.wantsUsage, !self.isPriced,
      case .finish(let stop, nil)? = self.events.last
    else { return }
    self.unpricedStop = stop
    self.events.removeLast()
  }

  private var isOpen: Bool {
    if self.unpricedStop != nil { return false }
    return switch self.phase {
    case .waiting, .streaming: true
    case .ended, .failed: false
    }
  }

  /// No event stream begins with a bracket, no JSON answer with anything else.
  private static func form(_ bytes: Span<UInt8>) -> Form {
    for index in 0..<bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: continue
      case 0x7B, 0x5B: return .whole
      default: return .events
      }
    }
    return .unknown
  }

  // MARK: Events

  private mutating func readEvents() {
    do {
      while self.isOpen, try self.splitter.next() { self.readEvent() }
    } catch {
      self.take([.failure(.unusable("The upstream sent an event that is too large."))])
    }
  }

  private mutating func readEvent() {
    self.events.removeAll(keepingCapacity: true)
    if Self.isDone(self.splitter.data) {
      if self.readsChat {
        self.chatReader?.value.done(into: &self.events)
      } else {
        self.messagesReader?.value.done(into: &self.events)
      }
      self.passOn()
      return
    }
    let data = self.splitter.data
    guard !data.isEmpty else { return }
    do {
      try self.document.read(data.span)
    } catch {
      self.skippedEvents += 1
      return
    }
    if self.readsChat {
      self.chatReader?.value.read(self.document.root, name: self.splitter.name, into: &self.events)
    } else {
      self.messagesReader?.value.read(self.document.root, name: self.splitter.name, into: &self.events)
    }
    self.passOn()
  }

  static func isDone(_ data: [UInt8]) -> Bool {
    data.count < 16 && data.first == 0x5B && data.filter { $0 > 0x20 } == Array("[DONE]".utf8)
  }

  private mutating func take(_ events: [ReplyEvent]) {
    self.events = events
    self.passOn()
  }

  /// The upstream's answer came as one body.
  private mutating func readWhole() {
    self.events.removeAll(keepingCapacity: true)
    do {
      let document = try JSONDocument(self.whole)
      if self.readsChat {
        self.events = try ChatCompletions.ReplyReader.read(document.root, self.context).events(
          for: self.context.client)
      } else {
        self.events = try Messages.ReplyReader.read(document.root).events(for: self.context.client)
      }
    } catch let failure as Failure {
      self.events = [.failure(failure)]
    } catch {
      self.events = [.failure(.unusable("The upstream's answer is not valid JSON."))]
    }
    self.passOn()
  }

  /// The failure these events end in, if nothing a client would miss comes before it.
  private var failureBeforeContent: Failure? {
    for event in self.events {
      switch event {
      case .begin, .ping: continue
      case .failure(let failure): return failure
      case .text, .refusal, .reasoning, .reasoningEnd, .callBegin, .arguments, .callEnd, .callExtra, .extra,
        .logprobs, .citation, .finish:
        return nil
      }
    }
    return nil
  }

  private mutating func passOn() {
    if self.scanner.isActive {
      self.filtered.removeAll(keepingCapacity: true)
      self.scanner.filter(self.events, into: &self.filtered)
      swap(&self.events, &self.filtered)
    }
    self.deliver()
  }

  private mutating func deliver() {
    if case .waiting = self.phase {
      // A ping is no answer yet: an error may still get its true status.
      guard self.events.contains(where: { if case .ping = $0 { false } else { true } }) else { return }
      if let failure = self.failureBeforeContent {
        guard let end = failure.end(towards: self.context.client) else {
          self.phase = .failed(failure)
          return
        }
        self.events = [.begin, .finish(end, nil)]
      }
      self.phase = .streaming
    } else if self.isBegunOnly, let end = self.failureBeforeContent?.end(towards: self.context.client) {
      self.events = [.finish(end, nil)]
    }
    self.withholdEnd()
    if self.hasBegunEarly { self.events.removeAll { if case .begin = $0 { true } else { false } } }
    if self.isBegunOnly {
      self.isBegunOnly = self.events.allSatisfy { if case .ping = $0 { true } else { false } }
    }
    self.chatWriter?.value.write(self.events)
    if let writer = self.messagesWriter {
      for event in self.events { writer.value.write(event) }
      if writer.value.waitingBytes > self.maxBytes {
        writer.value.write(.failure(.unusable("The upstream began a tool call and never ended it.")))
        self.phase = .ended
        return
      }
    }
    switch self.events.last {
    case .finish(_, let usage):
      self.usage = usage
      self.phase = .ended
    case .failure:
      self.hasFailed = true
      self.phase = .ended
    default: break
    }
  }
}
