internal import Platform
internal import Wire

extension StreamSocket {
  /// Writes the oldest bytes once; says how many went out, and leaves it to the caller to drop them.
  func send(from queue: ByteQueue) -> StreamResult {
    self.send(queue.span)
  }
}
