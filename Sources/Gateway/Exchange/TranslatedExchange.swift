package import Dialogue
package import Wire

/// A reply that becomes one of the client's own protocol.
///
///     awaitingHead --error--> failing ---------------------------\
///                  --wanted whole--> collecting ------------------> ended
///                  --wanted as a stream--> translating (begun or not) --/
///
/// The client's head waits for the first event that means something, so that an error before it has its true status.
package final class TranslatedExchange: Exchange {
  private enum Phase {
    case awaitingHead
    case failing(status: Int)
    case collecting
    case translating
    case ended
  }

  /// Apart, because it is large and whole answers have none.
  private final class Stream {
    var translator: StreamTranslator

    init(_ translator: StreamTranslator) { self.translator = translator }
  }

  private static let longestFailure = 1 << 20
  private static let longestReply = 64 << 20

  package var client: Caller
  private var context: ReplyContext
  private let reportsLosses: Bool
  private var requestLosses: Losses
  private var surroundings: Surroundings
  private var retries: RetryAllowance
  private let missing: MissingModel?
  /// As long as the request may be mended.
  private var secondTry: SecondTry?
  private var phase = Phase.awaitingHead
  /// An answer that is collected, or the beginning of a stream that waits for the count.
  private var held: [UInt8] = []
  private var count: CountState
  private var isUpstreamOver = false
  /// Why the upstream broke off, behind what is held.
  private var brokenOff: ErrorReply?
  /// Only for clients that want a stream.
  private var stream: Stream?
  private var upstreamFields: [HTTPField] = []

  package private(set) var sentStatus: Int?
  package private(set) var relayedBytes = 0
  package private(set) var failure: ErrorReply?
  /// What the upstream wants back with the calls of this reply.
  package private(set) var toolStates: [ToolState] = []
  package private(set) var usage: Usage?

  package init(
    for client: Caller, _ context: ReplyContext, _ surroundings: Surroundings, losses: Losses,
    reportsLosses: Bool = true, retries: RetryAllowance, missing: MissingModel? = nil,
    secondTry: SecondTry? = nil
  ) {
    self.client = client
    self.context = context
    self.surroundings = surroundings
    self.requestLosses = losses
    self.reportsLosses = reportsLosses
    self.retries = retries
    self.missing = missing
    self.secondTry = secondTry
    // A Message's stream begins with what the request costs, which this upstream says at the end if at all.
    let isBegunWithIt = context.isCounted && context.isStreaming && context.client == .messages
    self.count = isBegunWithIt ? .awaited : .unneeded
    self.stream = Self.stream(context, surroundings)
  }

  private static func stream(_ context: ReplyContext, _ surroundings: Surroundings) -> Stream? {
    guard context.isStreaming else { return nil }
    return Stream(StreamTranslator(context, surroundings, maxBytes: Self.longestReply))
  }

  package var isAwaitingHead: Bool {
    if case .awaitingHead = self.phase { true } else { false }
  }

  package func waitAfterConnecting() -> Int? { self.hasBegun ? nil : self.retries.waitAfterConnecting() }

  // MARK: - From the upstream

  package func headArrived(_ head: ResponseHead, date: String, to output: inout ByteQueue) -> ExchangeStep {
    guard case .awaitingHead = self.phase else { return .goOn }
    if (300..<400).contains(head.status) { return self.fail(.redirected, date: date, to: &output) }
    if !self.hasBegun, let wait = self.retries.waitAfter(head) { return .tryAgain(after: wait) }
    if !(200..<300).contains(head.status) {
      self.upstreamFields = head.fields.list(ofFailure: true)
      self.phase = .failing(status: head.status)
    } else {
      self.upstreamFields = head.fields.list(ofFailure: false)
      self.secondTry = nil
      self.phase = self.context.isStreaming ? .translating : .collecting
    }
    return .goOn
  }

  package func bytesArrived(_ bytes: Span<UInt8>, date: String, to output: inout ByteQueue) -> ExchangeStep {
    switch self.phase {
    case .awaitingHead, .ended:
      return .goOn
    case .failing:
      // What is too long to be an error in words is told by its status alone.
      if self.held.count + bytes.count <= Self.longestFailure { self.held.append(copying: bytes) }
      return .goOn
    case .collecting:
      guard self.held.count + bytes.count <= Self.longestReply else {
        return self.fail(.unreachable("the upstream's answer is too large"), date: date, to: &output)
      }
      self.held.append(copying: bytes)
      return .goOn
    case .translating:
      guard self.count != .awaited else {
        guard self.held.count + bytes.count <= Self.longestReply else {
          return self.fail(.unreachable("the upstream's answer is too large"), date: date, to: &output)
        }
        self.held.append(copying: bytes)
        return .goOn
      }
      self.stream?.translator.feed(bytes)
      return self.passOn(date, &output)
    }
  }

  package func upstreamFinished(date: String, to output: inout ByteQueue) -> ExchangeStep {
    switch self.phase {
    case .awaitingHead:
      return self.fail(.unreachable("the upstream answered nothing"), date: date, to: &output)
    case .ended:
      return .goOn
    case .failing(let status):
      if status == 404, let missing = self.missing, missing.isAnswer, !self.hasBegun {
        return self.answerInstead(missing, date, &output)
      }
      var failure = Translation.failure(
        status: status, headers: self.upstreamFields, body: self.held, from: self.context.profile.dialect
      )
      if let request = self.mended(after: failure) { return .tryInstead(request) }
      if status == 404, let missing = self.missing {
        failure.kind = .modelNotFound
        failure.message = missing.text
      }
      return self.end(with: failure, date, &output)
    case .collecting:
      if self.count == .awaited { return .goOn }
      do {
        var surroundings = self.surroundings
        let context = self.context
        let reply = try Translation.reply(self.held, context, &surroundings)
        if reply.usage == nil, context.isCounted, self.count != .known {
          self.count = .awaited
          return .count(answer: reply.unpriced)
        }
        self.surroundings = surroundings
        self.toolStates = reply.toolStates
        self.usage = reply.usage
        var fields = HeaderFields()
        fields.append(Translation.replyHeaders(self.upstreamFields, context, &self.surroundings))
        return self.answer(reply.answer, behind: &fields, reply.losses, date, &output)
      } catch {
        return self.end(with: error, date, &output)
      }
    case .translating:
      guard self.count != .awaited else {
        self.isUpstreamOver = true
        return .goOn
      }
      self.stream?.translator.finish()
      return self.passOn(date, &output)
    }
  }

  // MARK: - Counting

  package var wantsCount: Bool {
    if case .ended = self.phase { false } else { self.count == .awaited }
  }

  package func counted(
    _ request: TokenCount, answer: Int, date: String, to output: inout ByteQueue
  ) -> ExchangeStep {
    guard self.count == .awaited else { return .goOn }
    self.count = .known
    self.context.inputEstimate = request.tokens
    self.context.outputEstimate = answer
    self.stream?.translator.price(input: request.tokens)
    switch self.phase {
    case .awaitingHead, .failing, .ended:
      return .goOn
    case .collecting:
      return self.upstreamFinished(date: date, to: &output)
    case .translating:
      var early: [UInt8] = []
      swap(&early, &self.held)
      self.stream?.translator.feed(early.span)
      if self.isUpstreamOver { self.stream?.translator.finish() }
      let step = self.passOn(date, &output)
      guard step == .goOn, let error = self.brokenOff else { return step }
      return self.fail(self.hasBegun ? .truncated("the connection broke") : error, date: date, to: &output)
    }
  }

  /// Once at most.
  private func mended(after failure: Failure) -> SecondTry.Request? {
    guard !self.hasBegun, let secondTry = self.secondTry else { return nil }
    self.secondTry = nil
    guard let request = secondTry.request(after: failure, saying: self.held, &self.context) else {
      return nil
    }
    self.stream = Self.stream(self.context, self.surroundings)
    if self.count == .known { self.stream?.translator.price(input: self.context.inputEstimate) }
    self.requestLosses = request.losses
    self.held = []
    self.phase = .awaitingHead
    return request
  }

  /// The listing of what there is stands in for the model's answer.
  private func answerInstead(
    _ missing: MissingModel, _ date: String, _ output: inout ByteQueue
  ) -> ExchangeStep {
    self.held = missing.reply(isStreaming: self.context.isStreaming)
    guard self.context.isStreaming else {
      self.phase = .collecting
      return self.upstreamFinished(date: date, to: &output)
    }
    self.phase = .translating
    guard self.count != .awaited else {
      self.isUpstreamOver = true
      return .goOn
    }
    let events = self.held
    self.held = []
    self.stream?.translator.feed(events.span)
    self.stream?.translator.finish()
    return self.passOn(date, &output)
  }

  // MARK: - What goes wrong

  package func fail(_ error: ErrorReply, date: String, to output: inout ByteQueue) -> ExchangeStep {
    if case .ended = self.phase { return .goOn }
    // The client hears what came before, whether it was counted sooner or later.
    if case .translating = self.phase, self.count == .awaited, !self.held.isEmpty, !error.isOfDaemon {
      self.brokenOff = error
      return .goOn
    }
    if self.hasBegun, error.isOfUpstream { return self.cut(error, date, &output) }
    self.failure = error
    self.held = []
    self.phase = .ended
    guard self.hasBegun else {
      self.relayedBytes += self.client.write(error, date: date, to: &output)
      self.sentStatus = error.status
      return .complete
    }
    self.drain(&output)
    self.write(error.frame(for: self.client.speaks, requestName: self.client.requestName).span, &output)
    return .breakOff
  }

  /// The upstream broke off in its stream: what it said may still have been all (matrix D0-eof).
  private func cut(_ error: ErrorReply, _ date: String, _ output: inout ByteQueue) -> ExchangeStep {
    self.stream?.translator.finish()
    guard self.stream?.translator.hasFailed != false else { return self.passOn(date, &output) }
    self.failure = error
    self.phase = .ended
    self.drain(&output)
    return .breakOff
  }

  /// The upstream itself said that it failed.
  private func end(with failure: Failure, _ date: String, _ output: inout ByteQueue) -> ExchangeStep {
    let isAnswer = self.context.isStreaming && failure.end(towards: self.context.client) != nil
    if self.hasBegun || isAnswer, self.stream != nil {
      self.stream?.translator.fail(failure)
      return self.passOn(date, &output)
    }
    let answer = Translation.answer(failure, self.context, &self.surroundings)
    var fields = HeaderFields()
    return self.answer(answer, behind: &fields, Losses(), date, &output)
  }

  // MARK: - Streams

  package var wantsPulse: Bool {
    guard self.context.isStreaming else { return false }
    switch self.phase {
    case .awaitingHead, .translating, .failing: return true
    case .collecting, .ended: return false
    }
  }

  package func pulse(date: String, to output: inout ByteQueue) {
    guard self.wantsPulse, self.count != .awaited else { return }
    if !self.hasBegun {
      self.stream?.translator.beginEarly()
      self.begin(date, &output)
    }
    self.stream?.translator.ping()
    self.drain(&output)
  }

  private func passOn(_ date: String, _ output: inout ByteQueue) -> ExchangeStep {
    switch self.stream?.translator.phase {
    case .waiting, nil:
      return .goOn
    case .failed(let failure):
      return self.end(with: failure, date, &output)
    case .streaming:
      if !self.hasBegun { self.begin(date, &output) }
      self.drain(&output)
      guard self.stream?.translator.awaitsPrice == true, self.count != .awaited else { return .goOn }
      self.count = .awaited
      return .count(answer: [])
    case .ended:
      if !self.hasBegun { self.begin(date, &output) }
      self.drain(&output)
      self.toolStates = self.stream?.translator.toolStates ?? []
      self.usage = self.stream?.translator.usage
      self.phase = .ended
      if self.framing == .chunked, !self.client.isHead { ResponseWriter.lastChunk(to: &output) }
      return self.framing == .untilClose ? .breakOff : .complete
    }
  }

  private var framing: ResponseFraming { .streamed(toMinorVersion: self.client.minorVersion) }

  private func begin(_ date: String, _ output: inout ByteQueue) {
    var fields = HeaderFields()
    fields.append(Translation.replyHeaders(self.upstreamFields, self.context, &self.surroundings))
    fields.append(name: "content-type", value: "text/event-stream; charset=utf-8")
    fields.append(name: "cache-control", value: "no-cache")
    fields.append(name: "x-accel-buffering", value: "no")
    self.writeHead(200, &fields, self.framing, self.requestLosses, date, &output)
  }

  private func drain(_ output: inout ByteQueue) {
    var bytes: [UInt8] = []
    swap(&bytes, &self.held)
    bytes.removeAll(keepingCapacity: true)
    self.stream?.translator.drain(into: &bytes)
    self.write(bytes.span, &output)
    // Each stream has such storage.
    bytes.removeAll(keepingCapacity: !ByteQueue.isWasteful(bytes.capacity, for: bytes.count))
    swap(&bytes, &self.held)
  }

  // MARK: - Writing

  private func write(_ bytes: Span<UInt8>, _ output: inout ByteQueue) {
    guard !self.client.isHead else { return }
    self.relayedBytes += bytes.count
    if self.framing == .chunked {
      ResponseWriter.chunk(bytes, to: &output)
    } else {
      output.append(bytes)
    }
  }

  private func answer(
    _ answer: HTTPAnswer, behind fields: inout HeaderFields, _ losses: Losses, _ date: String,
    _ output: inout ByteQueue
  ) -> ExchangeStep {
    var all = self.requestLosses
    all.add(losses)
    fields.append(answer.headers)
    self.phase = .ended
    self.held = []
    self.writeHead(answer.status, &fields, .length(answer.body.count), all, date, &output)
    if !self.client.isHead { output.append(answer.body) }
    self.relayedBytes += answer.body.count
    return .complete
  }

  private func writeHead(
    _ status: Int, _ fields: inout HeaderFields, _ framing: ResponseFraming, _ losses: Losses,
    _ date: String, _ output: inout ByteQueue
  ) {
    if self.reportsLosses {
      if let dropped = losses.header([.dropped]) { fields.append(name: "x-proxy-dropped", value: dropped) }
      if let changed = losses.header([.changed, .emulated]) {
        fields.append(name: "x-proxy-changed", value: changed)
      }
    }
    self.client.sign(&fields)
    self.sentStatus = status
    ResponseWriter.head(
      status: status, fields: fields, framing: framing, date: date, keepsAlive: self.client.keepsAlive,
      to: &output)
  }
}
