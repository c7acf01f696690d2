internal import Gateway
internal import Wire

/// A request whose head has come: what it asks for, and what its log line needs.
struct IncomingRequest {
  let head: RequestHead
  /// nil: a path or method that is not ours.
  let route: Route?
  let verdict: Verdict
  let reply: Caller
  let startedMicroseconds: UInt64
}
