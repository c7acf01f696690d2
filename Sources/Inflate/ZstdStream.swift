internal import CZstd

/// zstd's decoder, frames one after the other (RFC 8878 3).
@safe final class ZstdStream {
  /// 8 MiB, the most RFC 9659 3 lets a sender use; a larger window would be memory for the asking.
  private static let windowLog: Int32 = 23

  private let stream: OpaquePointer

  init?() {
    guard let stream = unsafe czs_open(Self.windowLog) else { return nil }
    unsafe self.stream = stream
  }

  deinit {
    unsafe czs_close(self.stream)
  }

  func step(
    _ input: Span<UInt8>, room: Int, _ body: inout [UInt8]
  ) -> (result: StreamStep, taken: Int, made: Int) {
    var taken = input.count
    var made = room
    var code: Int32 = 0
    unsafe body.grow(by: room) { output in
      unsafe input.withUnsafeBufferPointer { bytes in
        code = unsafe czs_inflate(self.stream, bytes.baseAddress, &taken, output, &made)
      }
      return made
    }
    switch Int(code) {
    case czs_end: return (.end, taken, made)
    case czs_more: return (.more, taken, made)
    default: return (.bad, taken, made)
    }
  }
}
