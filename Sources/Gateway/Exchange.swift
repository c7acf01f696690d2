package import Wire

/// What the owner of an exchange does next.
package enum ExchangeStep: Sendable, Equatable {
  /// More is to come.
  case goOn
  /// The reply is complete; the connection may take another request if both sides want that.
  case complete
  /// What was sent is an incomplete reply: close behind it, so that nobody takes it for a whole one.
  case breakOff
}

/// One relayed request's reply on its way from the upstream to the client.
///
///     awaitingHead --head--> collecting --whole, or too long to hold--> streaming --> ended
///                      \---- event stream ------------------------------/
///
/// It writes the client's bytes and says what is to be done; sockets, clocks and libcurl are its owner's business. A reply that
/// is no event stream is held until it is whole, so that a broken upstream is an error with a status and not half a document.
package struct Exchange: ~Copyable {
  private enum Phase {
    case awaitingHead
    case collecting(ResponseHead)
    case streaming(isEvents: Bool, framing: ResponseFraming)
    case ended
  }

  /// The longest reply that is held back; longer ones begin to flow.
  private static let heldBytes = 1 << 20
  /// The longest unfinished event that is held back.
  private static let heldEventBytes = 256 * 1024

  private var client: ReplyContext
  private var phase = Phase.awaitingHead
  /// A reply that is collected, or the unfinished event at the end of a stream.
  private var held: [UInt8] = []
  /// The beginning of an event too long to be held has been sent.
  private var isWithinHugeEvent = false

  /// The status the client got; nil until it got one.
  package private(set) var sentStatus: Int?
  package private(set) var relayedBytes = 0
  /// Why the reply is not the upstream's own, if it is not.
  package private(set) var failure: ErrorReply?

  package init(for client: ReplyContext) {
    self.client = client
  }

  package var keepsAlive: Bool { self.client.keepsAlive }

  /// The connection ends with this reply. Comes too late to be said once the head has been sent.
  package mutating func closeAfterwards() {
    guard !self.hasBegun else { return }
    self.client = self.client.closing
  }

  /// Whether the client has been told a status.
  package var hasBegun: Bool { self.sentStatus != nil }

  package var isAwaitingHead: Bool {
    if case .awaitingHead = self.phase { true } else { false }
  }

  // MARK: - From the upstream

  package mutating func headArrived(_ head: ResponseHead, date: String, to output: inout ByteQueue)
    -> ExchangeStep
  {
    guard case .awaitingHead = self.phase else { return .goOn }
    // Passed on, it would make the client send its key to wherever it points.
    if (300..<400).contains(head.status), head.status != 304 {
      return self.fail(.redirected, date: date, to: &output)
    }
    var fields = self.client.fields(relaying: head.fields)
    guard head.fields.isEventStream, !head.isBodiless else {
      if head.fields.isDocument || head.isBodiless {
        self.phase = .collecting(head)
      } else {
        self.beginStreaming(head.status, fields, self.framing(ofLong: head), date, &output)
      }
      return .goOn
    }
    if !fields.contains("cache-control") { fields.append(name: "cache-control", value: "no-cache") }
    fields.removeAll("x-accel-buffering")
    fields.append(name: "x-accel-buffering", value: "no")
    self.beginStreaming(
      head.status, fields, .streamed(toMinorVersion: self.client.minorVersion), date, &output)
    return .goOn
  }

  package mutating func bytesArrived(_ bytes: Span<UInt8>, date: String, to output: inout ByteQueue)
    -> ExchangeStep
  {
    switch self.phase {
    case .awaitingHead, .ended:
      return .goOn
    case .collecting(let head):
      self.held.append(copying: bytes)
      guard self.held.count > Self.heldBytes else { return .goOn }
      self.beginStreaming(
        head.status, self.client.fields(relaying: head.fields), self.framing(ofLong: head), date, &output)
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

  /// The upstream's reply is whole.
  package mutating func upstreamFinished(date: String, to output: inout ByteQueue) -> ExchangeStep {
    switch self.phase {
    case .awaitingHead:
      return self.fail(.unreachable("the upstream answered nothing"), date: date, to: &output)
    case .ended:
      return .goOn
    case .collecting(let head):
      let body = self.takeHeld()
      self.writeHead(
        head.status, self.client.fields(relaying: head.fields),
        head.isBodiless ? .none : .length(body.count), date, &output)
      if !self.client.isHead { output.append(body) }
      self.relayedBytes += body.count
      self.phase = .ended
      return .complete
    case .streaming(_, let framing):
      self.write(self.takeHeld().span, to: &output)
      if framing == .chunked, !self.client.isHead { ResponseWriter.lastChunk(to: &output) }
      self.phase = .ended
      return framing == .untilClose ? .breakOff : .complete
    }
  }

  // MARK: - What goes wrong

  /// The upstream broke off, fell silent, or the daemon has to stop: the client learns it in its own protocol.
  package mutating func fail(_ error: ErrorReply, date: String, to output: inout ByteQueue) -> ExchangeStep {
    switch self.phase {
    case .ended:
      return .goOn
    case .awaitingHead, .collecting:
      self.failure = error
      self.held = []
      self.phase = .ended
      self.client.write(error, date: date, to: &output)
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

  private mutating func relayEvents(_ bytes: Span<UInt8>, to output: inout ByteQueue) {
    if self.held.isEmpty {
      let whole = EventBoundary.wholeEvents(in: bytes)
      self.writeWhole(bytes.extracting(0..<whole), to: &output)
      self.held.append(copying: bytes.extracting(whole..<bytes.count))
    } else {
      let searched = self.held.count
      self.held.append(copying: bytes)
      let whole = EventBoundary.wholeEvents(in: self.held.span, from: searched)
      guard whole > 0 else { return self.releaseHugeEvent(to: &output) }
      let all = self.takeHeld()
      self.writeWhole(all.span.extracting(0..<whole), to: &output)
      self.held.append(copying: all.span.extracting(whole..<all.count))
    }
    self.releaseHugeEvent(to: &output)
  }

  private mutating func writeWhole(_ events: Span<UInt8>, to output: inout ByteQueue) {
    guard !events.isEmpty else { return }
    self.isWithinHugeEvent = false
    self.write(events, to: &output)
  }

  private mutating func releaseHugeEvent(to output: inout ByteQueue) {
    guard self.held.count > Self.heldEventBytes else { return }
    self.isWithinHugeEvent = true
    self.write(self.takeHeld().span, to: &output)
  }

  private mutating func takeHeld() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &self.held)
    return taken
  }

  private mutating func write(_ bytes: Span<UInt8>, to output: inout ByteQueue) {
    guard case .streaming(_, let framing) = self.phase, !self.client.isHead else { return }
    self.relayedBytes += bytes.count
    if framing == .chunked {
      ResponseWriter.chunk(bytes, to: &output)
    } else {
      output.append(bytes)
    }
  }

  private mutating func beginStreaming(
    _ status: Int, _ fields: HeaderFields, _ framing: ResponseFraming, _ date: String,
    _ output: inout ByteQueue
  ) {
    self.writeHead(status, fields, framing, date, &output)
    self.phase = .streaming(
      isEvents: framing != .length(0) && fields.isEventStream, framing: framing)
  }

  private mutating func writeHead(
    _ status: Int, _ fields: HeaderFields, _ framing: ResponseFraming, _ date: String,
    _ output: inout ByteQueue
  ) {
    self.sentStatus = status
    ResponseWriter.head(
      status: status, fields: fields, framing: framing, date: date, keepsAlive: self.client.keepsAlive,
      to: &output)
  }

  /// The upstream's length only if it can be no other than what libcurl goes by: what a client takes for the end of this
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
