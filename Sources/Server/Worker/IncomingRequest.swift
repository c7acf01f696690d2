internal import Gateway
internal import Wire

/// A request whose head has come: what it asks for, and what its log line needs.
///
/// A class, because each phase hands it on to the next.
final class IncomingRequest {
  private(set) var head: RequestHead
  /// nil: a path or method that is not ours.
  let route: Route?
  let verdict: Verdict
  let reply: Caller
  let startedMicroseconds: UInt64

  init(head: RequestHead, route: Route?, verdict: Verdict, reply: Caller, startedMicroseconds: UInt64) {
    self.head = head
    self.route = route
    self.verdict = verdict
    self.reply = reply
    self.startedMicroseconds = startedMicroseconds
  }

  /// Its answer may take hours.
  func settle() {
    self.head.fields.compact()
  }
}
