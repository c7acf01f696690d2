internal import CZlib

/// zlib's decoder for gzip, members one after the other (RFC 1952 2.2).
@safe final class GzipStream {
  private let stream: UnsafeMutablePointer<z_stream>
  /// A member has ended: what follows must be another one.
  private var isBetweenMembers = false

  init?() {
    guard let stream = unsafe cz_open() else { return nil }
    unsafe self.stream = stream
  }

  deinit {
    unsafe cz_close(self.stream)
  }

  func step(
    _ input: Span<UInt8>, room: Int, _ body: inout [UInt8]
  ) -> (result: StreamStep, taken: Int, made: Int) {
    if self.isBetweenMembers {
      self.isBetweenMembers = false
      guard unsafe cz_restart(self.stream) == 0 else { return (.bad, 0, 0) }
    }
    var taken = input.count
    var made = room
    var code: Int32 = 0
    unsafe body.grow(by: room) { output in
      unsafe input.withUnsafeBufferPointer { bytes in
        code = unsafe cz_inflate(self.stream, bytes.baseAddress, &taken, output, &made)
      }
      return made
    }
    switch Int(code) {
    case cz_end:
      self.isBetweenMembers = true
      return (.end, taken, made)
    case cz_more: return (.more, taken, made)
    default: return (.bad, taken, made)
    }
  }
}
