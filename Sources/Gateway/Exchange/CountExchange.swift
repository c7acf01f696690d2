package import Dialogue
package import Wire

/// The answer to how many tokens a request has: the upstream's own, or one counted here if it has none.
///
///     awaitingHead --answer that stands--> collecting --a number, or what the client did wrong--> ended
///                  \--no way to count, no answer, no number-----> counting --counted------------/
package final class CountExchange: Exchange {
  private enum Phase {
    case awaitingHead
    case collecting(ResponseHead)
    case counting
    case ended
  }

  private static let longestAnswer = 256 * 1024

  package var client: Caller
  private var phase = Phase.awaitingHead
  private var held: [UInt8] = []

  package private(set) var sentStatus: Int?
  package private(set) var relayedBytes = 0
  package private(set) var failure: ErrorReply?

  package init(for client: Caller) {
    self.client = client
  }

  /// What it costs to ask is nothing.
  package var usage: Usage? { nil }
  package var toolStates: [ToolState] { [] }
  package var wantsPulse: Bool { false }
  package func pulse(date: String, to output: inout ByteQueue) {}
  /// What can be counted here is not asked for twice.
  package func waitAfterConnecting() -> Int? { nil }

  package var isAwaitingHead: Bool {
    if case .awaitingHead = self.phase { true } else { false }
  }

  package func headArrived(_ head: ResponseHead, date: String, to output: inout ByteQueue) -> ExchangeStep {
    guard case .awaitingHead = self.phase else { return .goOn }
    self.phase = .collecting(head)
    return .goOn
  }

  package func bytesArrived(_ bytes: Span<UInt8>, date: String, to output: inout ByteQueue) -> ExchangeStep {
    guard case .collecting = self.phase else { return .goOn }
    guard self.held.count + bytes.count <= Self.longestAnswer else { return self.countHere() }
    self.held.append(copying: bytes)
    return .goOn
  }

  package func upstreamFinished(date: String, to output: inout ByteQueue) -> ExchangeStep {
    switch self.phase {
    case .awaitingHead: return self.countHere()
    case .counting, .ended: return .goOn
    case .collecting(let head):
      guard self.stands(head) else { return self.countHere() }
      var fields = self.client.fields(relaying: head.fields)
      fields.append(name: "x-proxy-count", value: "upstream")
      self.write(head.status, fields, self.held, date, &output)
      return .complete
    }
  }

  package func fail(_ error: ErrorReply, date: String, to output: inout ByteQueue) -> ExchangeStep {
    switch self.phase {
    case .ended: return .goOn
    case .awaitingHead, .collecting:
      if !error.isOfDaemon { return self.countHere() }
    case .counting: break
    }
    self.failure = error
    self.phase = .ended
    self.client.write(error, date: date, to: &output)
    self.sentStatus = error.status
    return .complete
  }

  package func counted(
    _ request: TokenCount, answer: Int, date: String, to output: inout ByteQueue
  ) -> ExchangeStep {
    guard case .counting = self.phase else { return .goOn }
    let answer = request.answer
    self.client.write(answer, date: date, to: &output)
    self.sentStatus = answer.status
    self.relayedBytes = answer.body.count
    self.phase = .ended
    return .complete
  }

  private func countHere() -> ExchangeStep {
    self.held = []
    self.phase = .counting
    return .count(answer: [])
  }

  /// A number, or what the client has to hear: that its key or its request is wrong, or that it asks too often.
  private func stands(_ head: ResponseHead) -> Bool {
    switch head.status {
    case 200:
      guard let document = try? JSONDocument(self.held), document.root.kind == .object else { return false }
      return document.root.present("input_tokens")?.integer != nil
    case 404, 405: return false
    case 400..<500: return true
    default: return false
    }
  }

  private func write(
    _ status: Int, _ fields: HeaderFields, _ body: [UInt8], _ date: String, _ output: inout ByteQueue
  ) {
    self.sentStatus = status
    self.phase = .ended
    ResponseWriter.head(
      status: status, fields: fields, framing: .length(body.count), date: date,
      keepsAlive: self.client.keepsAlive, to: &output)
    if !self.client.isHead { output.append(body) }
    self.relayedBytes = body.count
  }
}
