internal import Gateway
internal import Wire

/// A request whose head has come: what it asks for, and what its log line needs.
struct IncomingRequest {
  let head: RequestHead
  let route: Route
  let verdict: Verdict
  let reply: ReplyContext
  let startedMicroseconds: UInt64
}
