internal import Dialogue
internal import Gateway
internal import Wire

/// A whole request, and all that its plan depends on.
struct PlannedRequest {
  let request: IncomingRequest
  let errand: Errand
  /// The request's, but for the daemon's requests to itself.
  var head: RequestHead
  let facts: UpstreamFacts
  var surroundings: Surroundings
}

/// A request whose plan waits until its tokens are counted.
final class PendingPlan: CountOwner {
  let planned: PlannedRequest
  let unfinished: UnfinishedPlan
  /// Lives as long as this is its phase.
  private unowned let connection: Connection
  private var count: Count?

  init(_ planned: PlannedRequest, _ unfinished: UnfinishedPlan, _ connection: Connection) {
    self.planned = planned
    self.unfinished = unfinished
    self.connection = connection
  }

  func begin() {
    let count = Count(self.unfinished.countable.begin(self.connection.worker.counter), owner: self)
    self.count = count
    self.connection.worker.begin(count)
  }

  func countEnded(_ count: Count, _ tokens: TokenCount) {
    self.count = nil
    self.connection.counted(tokens, for: self)
  }

  /// Nobody wants to know any more.
  func cancel() {
    guard let count = self.count else { return }
    self.connection.worker.cancel(count)
    self.count = nil
  }
}
