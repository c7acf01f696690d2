internal import Platform
internal import Upstream
internal import Wire

/// A transfer whose client has its reply: nobody reads the rest, but an upstream that ends it soon keeps its connection.
final class Leftover: TransferOwner, DeadlineHandler {
  private let transfer: Transfer
  private unowned let worker: Worker
  private lazy var deadline = Deadline(self)
  private var bytes = 0

  init(_ transfer: Transfer, _ worker: Worker) {
    self.transfer = transfer
    self.worker = worker
  }

  func begin() {
    self.transfer.handOver(to: self)
    self.transfer.resume()
    self.worker.wheel.set(self.deadline, at: self.worker.loop.now + Patience.leftoverMilliseconds)
  }

  func transferHeadArrived(_ transfer: Transfer, _ head: ResponseHead) {}

  func transferBytesArrived(_ transfer: Transfer, _ bytes: Span<UInt8>) {
    self.bytes += bytes.count
    if self.bytes > Patience.leftoverBytes { self.end() }
  }

  func transferEnded(_ transfer: Transfer, _ outcome: TransferOutcome) { self.end() }

  func deadlinePassed(_ deadline: Deadline) { self.end() }

  private func end() {
    self.worker.wheel.remove(self.deadline)
    self.transfer.cancel()
    self.worker.forget(self)
  }
}
