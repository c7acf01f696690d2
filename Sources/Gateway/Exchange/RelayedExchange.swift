package import Dialogue
package import Wire

/// A reply that passes as it came, because client and upstream speak the same protocol.
///
///     awaitingHead --head--> collecting --whole, or too long to hold--> streaming --> ended
///                      \---- event stream ------------------------------/
///
/// One that is no event stream is held until it is whole, so that a broken upstream is an error with a status and not half a
/// document. Where the client knows the model by another name than the upstream, its own is put back.
package final class RelayedExchange: Exchange {
  private enum Phase {
    case awaitingHead
    case collecting(ResponseHead)
    case streaming(isEvents: Bool, framing: ResponseFraming)
    case ended
  }

  /// The longest reply that is held back; longer ones begin to flow.
  private static let heldBytes = 1 << 20
  private static let renamedBytes = 32 << 20
  /// The longest unfinished event that is held back.
  private static let heldEventBytes = 256 * 1024

  package var client: Caller
  private var phase = Phase.awaitingHead
  /// A reply that is collected, or the unfinished event at the end of a stream.
  private var held: [UInt8] = []
  /// The beginning of an event too long to be held has been sent.
  private var isWithinHugeEvent = false

  package private(set) var sentStatus: Int?
  package private(set) var relayedBytes = 0
  package private(set) var failure: ErrorReply?

  package private(set) var usage: Usage?
  private var witness: UsageWitness
  package var toolStates: [ToolState] { [] }
  private let naming: ReplyContext?
  private var retries: RetryAllowance
  private var renamer: Renamer?

  /// `naming`: the request's model was renamed.
  package init(for client: Caller, naming: ReplyContext? = nil, retries: RetryAllowance = .none) {
    self.client = client
    self.witness = UsageWitness(client.speaks == .anthropic ? .messages : .chat)
    self.naming = naming
    self.retries = retries
  }

  package func waitAfterConnecting() -> Int? { self.retries.waitAfterConnecting() }

  package var wantsPulse: Bool { false }
  package func pulse(date: String, to output: inout ByteQueue) {}

  package var isAwaitingHead: Bool {
    if case .awaitingHead = self.phase { true } else { false }
  }

  // MARK: - From the upstream

  package func headArrived(_ head: ResponseHead, date: String, to output: inout ByteQueue)
    -> ExchangeStep
  {
    guard case .awaitingHead = self.phase else { return .goOn }
    // Passed on, it would make the client send its key to wherever it points.
    if (300..<400).contains(head.status), head.status != 304 {
      return self.fail(.redirected, date: date, to: &output)
    }
    guard head.fields.isEventStream, !head.isBodiless else {
      if head.fields.isDocument || head.isBodiless {
        self.phase = .collecting(head)
      } else {
        self.beginStreaming(head, self.framing(ofLong: head), date, &output)
      }
      return .goOn
    }
    self.beginStreaming(head, .streamed(toMinorVersion: self.client.minorVersion), date, &output)
    return .goOn
  }

  package func bytesArrived(_ bytes: Span<UInt8>, date: String, to output: inout ByteQueue)
    -> ExchangeStep
  {
    switch self.phase {
    case .awaitingHead, .ended:
      return .goOn
    case .collecting(let head):
      self.held.append(copying: bytes)
      guard self.held.count > (self.naming == nil ? Self.heldBytes : Self.renamedBytes) else { return .goOn }
      self.beginStreaming(head, self.framing(ofLong: head), date, &output)
      self.write(self.takeHeld().span, to: &output)
      return .goOn
    case .streaming(isEvents: false, _):
      self.write(bytes, to: &output)
      return .goOn
    case .streaming(isEvents: true, _):
      self.relayEvents(bytes, to: &output)
      return .goOn
    }
  }

  package var takesWhole: Bool {
    guard case .collecting = self.phase else { return false }
    return self.held.isEmpty && self.naming == nil
  }

  package func wholeArrived(_ bytes: Span<UInt8>, date: String, to output: inout ByteQueue) -> ExchangeStep {
    guard case .collecting(let head) = self.phase else { return .goOn }
    self.finish(head, bytes, date, &output)
    return .complete
  }

  private func finish(
    _ head: ResponseHead, _ body: Span<UInt8>, _ date: String, _ output: inout ByteQueue
  ) {
    self.writeHead(head, head.isBodiless ? .none : .length(body.count), date, &output)
    if !self.client.isHead { output.append(body) }
    self.relayedBytes += body.count
    if head.status == 200 { self.usage = self.witness.usage(ofWhole: body) }
    self.phase = .ended
  }

  package func upstreamFinished(date: String, to output: inout ByteQueue) -> ExchangeStep {
    switch self.phase {
    case .awaitingHead:
      return self.fail(.unreachable("the upstream answered nothing"), date: date, to: &output)
    case .ended:
      return .goOn
    case .collecting(let head):
      self.finish(head, self.renamed(self.takeHeld(), head).span, date, &output)
      return .complete
    case .streaming(let isEvents, let framing):
      self.finishRenaming(to: &output)
      self.write(self.takeHeld().span, to: &output)
      if isEvents { self.usage = self.witness.usage }
      if framing == .chunked, !self.client.isHead { ResponseWriter.lastChunk(to: &output) }
      self.phase = .ended
      return framing == .untilClose ? .breakOff : .complete
    }
  }

  // MARK: - What goes wrong

  package func fail(_ error: ErrorReply, date: String, to output: inout ByteQueue) -> ExchangeStep {
    switch self.phase {
    case .ended:
      return .goOn
    case .awaitingHead, .collecting:
      self.failure = error
      self.held = []
      self.phase = .ended
      self.relayedBytes += self.client.write(error, date: date, to: &output)
      self.sentStatus = error.status
      return .complete
    case .streaming(let isEvents, _):
      self.failure = error
      self.held = []
      if isEvents {
        // An unfinished event was held back, so a frame may begin here; only one too long for that has to be ended first.
        if self.isWithinHugeEvent { self.write([0x0A, 0x0A].span, to: &output) }
        self.write(
          error.frame(for: self.client.speaks, requestName: self.client.requestName).span, to: &output)
      }
      self.phase = .ended
      return .breakOff
    }
  }

  // MARK: - Writing

  private func relayEvents(_ bytes: Span<UInt8>, to output: inout ByteQueue) {
    if self.renamer != nil { return self.rename(bytes, to: &output) }
    if self.held.isEmpty {
      let whole = EventBoundary.wholeEvents(in: bytes)
      self.writeWhole(bytes.extracting(0..<whole), to: &output)
      self.held.append(copying: bytes.extracting(whole..<bytes.count))
    } else {
      let searched = self.held.count
      self.held.append(copying: bytes)
      let held = self.held
      let whole = EventBoundary.wholeEvents(in: held.span, from: searched)
      guard whole > 0 else { return self.releaseHugeEvent(to: &output) }
      let all = self.takeHeld()
      self.writeWhole(all.span.extracting(0..<whole), to: &output)
      self.held.append(copying: all.span.extracting(whole..<all.count))
    }
    self.releaseHugeEvent(to: &output)
  }

  private func writeWhole(_ events: Span<UInt8>, to output: inout ByteQueue) {
    guard !events.isEmpty else { return }
    self.isWithinHugeEvent = false
    self.write(events, to: &output)
  }

  private func releaseHugeEvent(to output: inout ByteQueue) {
    guard self.held.count > Self.heldEventBytes else { return }
    self.isWithinHugeEvent = true
    self.write(self.takeHeld().span, to: &output)
  }

  private func takeHeld() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &self.held)
    return taken
  }

  private func write(_ bytes: Span<UInt8>, to output: inout ByteQueue) {
    guard case .streaming(let isEvents, let framing) = self.phase, !self.client.isHead else { return }
    self.relayedBytes += bytes.count
    if isEvents { self.witness.saw(bytes) }
    if framing == .chunked {
      ResponseWriter.chunk(bytes, to: &output)
    } else {
      output.append(bytes)
    }
  }

  private func beginStreaming(
    _ head: ResponseHead, _ framing: ResponseFraming, _ date: String, _ output: inout ByteQueue
  ) {
    let isEvents = framing != .length(0) && head.fields.isEventStream
    self.writeHead(head, framing, isEvents: isEvents, date, &output)
    if isEvents, let naming, head.status == 200 {
      self.renamer = Renamer(StreamTranslator(naming, .counted(now: 0), maxBytes: Self.renamedBytes))
    }
    self.phase = .streaming(isEvents: isEvents, framing: framing)
  }

  // MARK: - The model's name

  private func renamed(_ body: [UInt8], _ head: ResponseHead) -> [UInt8] {
    guard let naming, head.status == 200, !body.isEmpty else { return body }
    var surroundings = Surroundings.counted(now: 0)
    return (try? Translation.reply(body, naming, &surroundings))?.answer.body ?? body
  }

  private func rename(_ events: Span<UInt8>, to output: inout ByteQueue) {
    self.renamer?.stream.feed(events)
    self.drainRenamer(to: &output)
  }

  private func finishRenaming(to output: inout ByteQueue) {
    self.renamer?.stream.finish()
    self.drainRenamer(to: &output)
  }

  private func drainRenamer(to output: inout ByteQueue) {
    var bytes: [UInt8] = []
    self.renamer?.stream.drain(into: &bytes)
    self.write(bytes.span, to: &output)
  }

  /// The upstream's fields, signed; those of an event stream keep proxies from holding it back.
  private func writeHead(
    _ head: ResponseHead, _ framing: ResponseFraming, isEvents: Bool = false, _ date: String,
    _ output: inout ByteQueue
  ) {
    self.sentStatus = head.status
    var own = HeaderFields()
    self.client.sign(&own)
    if isEvents {
      if !head.fields.contains("cache-control") { own.append(name: "cache-control", value: "no-cache") }
      own.append(name: "x-accel-buffering", value: "no")
    }
    ResponseWriter.head(
      status: head.status, relaying: head.fields,
      where: { ForwardedHeaders.reachesClient($0) && !(isEvents && ForwardedHeaders.asksForBuffering($0)) },
      fields: own, framing: framing, date: date, keepsAlive: self.client.keepsAlive, to: &output)
  }

  /// The upstream's length only if it can be no other than what its end goes by: what a client takes for the end of this
  /// reply is where it reads the next one.
  private func framing(ofLong head: ResponseHead) -> ResponseFraming {
    let lengths = head.fields.values(of: "content-length")
    if let text = lengths.first, lengths.allSatisfy({ $0 == text }),
      !head.fields.contains("transfer-encoding"),
      let length = Int(text), length >= 0
    {
      return .length(length)
    }
    return .streamed(toMinorVersion: self.client.minorVersion)
  }
}

/// Few streams need one, so the others have no room for it.
private final class Renamer {
  var stream: StreamTranslator

  init(_ stream: StreamTranslator) {
    self.stream = stream
  }
}

extension ResponseHead {
  /// RFC 9112 6.3: whatever the fields say, the next thing on the connection is another reply.
  fileprivate var isBodiless: Bool { self.status == 204 || self.status == 304 }
}

extension HeaderFields {
  fileprivate var isEventStream: Bool { self.listContains("content-type", "text/event-stream") }

  /// Something no client can use before it is whole.
  fileprivate var isDocument: Bool {
    !self.contains("content-type") || self.listContains("content-type", "application/json")
  }
}
