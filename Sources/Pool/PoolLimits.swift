/// The numbers the policy goes by.
package struct PoolLimits: Equatable, Sendable {
  package var workers: Int
  /// How long a worker may be silent; nil: for ever.
  package var silenceMilliseconds: UInt64?
  package var graceMilliseconds: UInt64

  /// How many workers an operator can ask for with signals.
  package static let mostWorkers = 1024

  package init(workers: Int, silenceMilliseconds: UInt64?, graceMilliseconds: UInt64) {
    self.workers = min(max(1, workers), Self.mostWorkers)
    self.silenceMilliseconds = silenceMilliseconds
    self.graceMilliseconds = graceMilliseconds
  }
}
