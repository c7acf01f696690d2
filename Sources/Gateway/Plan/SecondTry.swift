package import Dialogue

/// A translated request that may go out once more if its upstream refuses one thing in it.
///
/// A class, because a reply has no room for one once its head is here.
package final class SecondTry {
  /// What goes out instead.
  package struct Request: Sendable, Equatable {
    package let remedy: Remedy
    package let body: [UInt8]
    package let losses: Losses
  }

  private let source: RequestSource
  private let sent: [UInt8]
  /// What the translation did not lose, but what came before it.
  private let losses: Losses

  package init(_ source: RequestSource, sent: [UInt8], losses: Losses = Losses()) {
    self.source = source
    self.sent = sent
    self.losses = losses
  }

  /// `context` is what the reply to it will be read with.
  package func request(
    after failure: Failure, saying body: [UInt8], _ context: inout ReplyContext
  ) -> Request? {
    guard let mended = self.source.mended(after: failure, saying: body, sent: self.sent) else { return nil }
    context = mended.request.context.counted(like: context)
    var losses = mended.request.losses
    losses.add(self.losses)
    return Request(remedy: mended.remedy, body: mended.request.bytes, losses: losses)
  }
}
