package import Dialogue

/// What a request becomes: computed once, before anything is sent.
///
/// A class, because it is handed on a lot: a copy would cost a reference count for each thing in it.
package final class RequestPlan {
  package let upstream: UpstreamName
  package let url: String
  /// Whole lines, `Name: value`, as libcurl takes them; bytes, because a client's value need not be UTF-8.
  package private(set) var headerLines: [[UInt8]]
  package private(set) var body: [UInt8]
  /// What has to be done to the reply.
  package let reply: ReplyPath
  package let losses: Losses
  package let retries: RetryAllowance
  package let notes: PlanNotes
  /// The client's request, where it may have to be counted what the upstream does not say.
  package var countable: Countable?
  /// Only for what is translated.
  package var secondTry: SecondTry?

  /// What becomes of the upstream's reply.
  package enum ReplyPath {
    case relayed
    /// Relayed, but for the model's name.
    case renamed(ReplyContext)
    case translated(ReplyContext)
    /// A number of tokens, counted here if the upstream cannot.
    case counted
  }

  package init(
    upstream: UpstreamName, url: String, headerLines: [[UInt8]], body: [UInt8], reply: ReplyPath,
    losses: Losses, retries: RetryAllowance, notes: PlanNotes, countable: Countable? = nil
  ) {
    self.upstream = upstream
    self.url = url
    self.headerLines = headerLines
    self.body = body
    self.reply = reply
    self.losses = losses
    self.retries = retries
    self.notes = notes
    self.countable = countable
  }

  /// It has been sent and will not be again.
  package func letGo() {
    self.headerLines = []
    self.body = []
  }

  /// Once: it holds the client's body.
  package func takeSecondTry() -> SecondTry? {
    let taken = self.secondTry
    self.secondTry = nil
    return taken
  }
}
