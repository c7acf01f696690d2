/// Decodes one compressed body as it arrives, and never more of it than is allowed.
///
/// What is not there yet costs nothing: memory is the decoder's window, the output so far, and 64 KiB.
package final class Inflater {
  private enum Decoder {
    case gzip(GzipStream)
    case zstd(ZstdStream)
  }

  private static let roomBytes = 64 * 1024

  private let decoder: Decoder
  private let limit: Int
  private var hasBegun = false
  private var isAtEnd = false
  /// The decoder filled all the room it had, so it may hold more.
  private var isFull = false

  /// `limit` counts decoded bytes. Nil: there is no memory for a decoder.
  package init?(_ coding: ContentCoding, limit: Int) {
    self.limit = max(0, limit)
    switch coding {
    case .gzip:
      guard let stream = GzipStream() else { return nil }
      self.decoder = .gzip(stream)
    case .zstd:
      guard let stream = ZstdStream() else { return nil }
      self.decoder = .zstd(stream)
    }
  }

  /// Adds all that `input` decodes to; afterwards `body` is at most as long as the limit.
  package func feed(_ input: Span<UInt8>, into body: inout [UInt8]) throws(InflateFault) {
    _ = try self.feed(input, into: &body, slice: .max)
  }

  /// Adds what `input` decodes to until that is `slice` bytes or a little more, because a few bytes can stand for very many.
  ///
  /// Says how much of the input was taken, and whether there is more to be had of it, or without any.
  package func feed(
    _ input: Span<UInt8>, into body: inout [UInt8], slice: Int
  ) throws(InflateFault) -> (taken: Int, hasMore: Bool) {
    var taken = 0
    let begun = body.count
    while taken < input.count || self.isFull {
      if body.count - begun >= slice { return (taken, true) }
      self.hasBegun = true
      let room = min(Self.roomBytes, self.limit - body.count)
      // One byte of room beyond the limit tells whether there is more.
      let step = self.step(input.extracting(taken..<input.count), room: max(0, room) + 1, &body)
      guard step.result != .bad else { throw .damaged }
      if body.count > self.limit { throw .tooLarge }
      self.isAtEnd = step.result == .end
      taken += step.taken
      self.isFull = step.made > max(0, room) && !self.isAtEnd
      if step.taken == 0, step.made == 0 {
        // Neither moved: only a stream that wants more input may do that.
        if taken < input.count { throw .damaged }
        self.isFull = false
      }
    }
    return (taken, false)
  }

  /// The last byte of the body has been fed.
  package func finish() throws(InflateFault) {
    if self.hasBegun, !self.isAtEnd { throw .damaged }
  }

  private func step(
    _ input: Span<UInt8>, room: Int, _ body: inout [UInt8]
  ) -> (result: StreamStep, taken: Int, made: Int) {
    switch self.decoder {
    case .gzip(let stream): return stream.step(input, room: room, &body)
    case .zstd(let stream): return stream.step(input, room: room, &body)
    }
  }
}

/// What one call of a decoder came to.
enum StreamStep {
  case more, end, bad
}

extension [UInt8] {
  /// Lets `fill` write up to `room` bytes behind the last one; it answers with how many it wrote.
  @unsafe mutating func grow(by room: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Int) {
    let count = self.count
    if self.capacity < count + room { self.reserveCapacity(Swift.max(count + room, self.capacity * 2)) }
    let more = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, made in
      guard let base = buffer.baseAddress else { return }
      made = unsafe fill(base)
    }
    self.append(contentsOf: more)
  }
}
