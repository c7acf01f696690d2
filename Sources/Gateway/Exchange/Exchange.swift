package import Dialogue
package import Wire

/// What the owner of an exchange does next.
package enum ExchangeStep: Sendable, Equatable {
  /// More is to come.
  case goOn
  /// The reply is complete; the connection may take another request if both sides want that.
  case complete
  /// Nothing has been sent to the client: the request is to go out once more, after so many milliseconds.
  case tryAgain(after: Int)
  /// Nothing has been sent to the client: another request is to go out instead, without what was refused.
  case tryInstead(SecondTry.Request)
  /// The reply goes on when `counted` tells how many tokens the request is, and this text of the answer.
  case count(answer: [UInt8])
  /// What was sent is an incomplete reply: close behind it, so that nobody takes it for a whole one.
  case breakOff
}

/// One request's reply on its way from the upstream to the client.
///
/// It writes the client's bytes and says what is to be done; sockets, clocks and libcurl are its owner's business.
package protocol Exchange: AnyObject {
  /// Who gets the reply.
  var client: Caller { get set }
  var isAwaitingHead: Bool { get }
  /// The status the client got; nil until it got one.
  var sentStatus: Int? { get }
  var relayedBytes: Int { get }
  /// Why the reply is not the upstream's own, if it is not.
  var failure: ErrorReply? { get }
  /// What the answer cost, once it is over and if the upstream said so.
  var usage: Usage? { get }
  /// What the upstream wants back with the calls of this reply.
  var toolStates: [ToolState] { get }
  /// The number of the request's tokens is wanted as soon as it has been sent.
  var wantsCount: Bool { get }
  /// A stream of which nothing has been heard for long is kept alive by `pulse`.
  var wantsPulse: Bool { get }

  func headArrived(_ head: ResponseHead, date: String, to output: inout ByteQueue) -> ExchangeStep
  func bytesArrived(_ bytes: Span<UInt8>, date: String, to output: inout ByteQueue) -> ExchangeStep
  /// What has come is nothing so far, and may come as a whole.
  var takesWhole: Bool { get }
  /// All bytes of the upstream's reply, and nothing else will come.
  func wholeArrived(_ bytes: Span<UInt8>, date: String, to output: inout ByteQueue) -> ExchangeStep
  /// The upstream's reply is whole.
  func upstreamFinished(date: String, to output: inout ByteQueue) -> ExchangeStep
  /// The upstream broke off, fell silent, or the daemon has to stop: the client learns it in its own protocol.
  func fail(_ error: ErrorReply, date: String, to output: inout ByteQueue) -> ExchangeStep
  /// The connection to the upstream did not come about: milliseconds to wait before it is tried again; nil: it is not.
  func waitAfterConnecting() -> Int?
  /// How many tokens the request is, and the text of the answer that was to be counted.
  func counted(_ request: TokenCount, answer: Int, date: String, to output: inout ByteQueue) -> ExchangeStep
  /// Tells a waiting client that somebody is there.
  func pulse(date: String, to output: inout ByteQueue)
}

extension Exchange {
  /// Whether the client has been told a status.
  package var hasBegun: Bool { self.sentStatus != nil }

  package var keepsAlive: Bool { self.client.keepsAlive }

  /// The connection ends with this reply. Comes too late to be said once the head has been sent.
  package func closeAfterwards() {
    guard !self.hasBegun else { return }
    self.client = self.client.closing
  }

  package var wantsCount: Bool { false }

  package var takesWhole: Bool { false }

  package func wholeArrived(
    _ bytes: Span<UInt8>, date: String, to output: inout ByteQueue
  ) -> ExchangeStep { .goOn }

  package func counted(
    _ request: TokenCount, answer: Int, date: String, to output: inout ByteQueue
  ) -> ExchangeStep { .goOn }
}
