package import Dialogue

/// What a request becomes: computed once, before anything is sent.
package struct RequestPlan {
  package let upstream: UpstreamName
  package let url: String
  /// Whole lines, `Name: value`, as libcurl takes them; bytes, because a client's value need not be UTF-8.
  package let headerLines: [[UInt8]]
  package let body: [UInt8]
  /// What has to be done to the reply.
  package let reply: ReplyPath
  package let losses: Losses
  package let retries: RetryAllowance
  package let notes: PlanNotes

  /// What becomes of the upstream's reply.
  package enum ReplyPath {
    case relayed
    /// Relayed, but for the model's name.
    case renamed(ReplyContext)
    case translated(ReplyContext)
  }

  package init(
    upstream: UpstreamName, url: String, headerLines: [[UInt8]], body: [UInt8], reply: ReplyPath,
    losses: Losses, retries: RetryAllowance, notes: PlanNotes
  ) {
    self.upstream = upstream
    self.url = url
    self.headerLines = headerLines
    self.body = body
    self.reply = reply
    self.losses = losses
    self.retries = retries
    self.notes = notes
  }
}
