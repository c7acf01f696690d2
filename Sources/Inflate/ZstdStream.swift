internal import CZstd

/// zstd's decoder, frames one after the other (RFC 8878 3).
@safe final class ZstdStream {
  /// 8 MiB, the most RFC 9659 3 lets a sender use; a larger window would be memory for the asking.
  private static let windowLog: Int32 = 23

  private let stream: OpaquePointer
  /// What of the frame's magic number has come.
  private var magic = FrameMagic()

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
    if !self.magic.isWhole, taken > 0 {
      guard self.magic.goesOn(with: input[0]) else { return (.bad, 0, 0) }
      // The rest follows by itself: a frame that is all there takes another way through the library, which refuses some
      // that this way accepts, and what a body is must not depend on how it was cut.
      taken = 1
    }
    var code: Int32 = 0
    unsafe body.grow(by: room) { output in
      unsafe input.withUnsafeBufferPointer { bytes in
        code = unsafe czs_inflate(self.stream, bytes.baseAddress, &taken, output, &made)
      }
      return made
    }
    switch Int(code) {
    case czs_end:
      self.magic = FrameMagic()
      return (.end, taken, made)
    case czs_more: return (.more, taken, made)
    default: return (.bad, taken, made)
    }
  }
}

/// The four bytes a frame begins with (RFC 8878 3.1). The library knows older formats by others, which nobody sends.
private struct FrameMagic {
  private static let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
  /// The low half of its first byte is free.
  private static let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]

  private var count = 0
  private var isSkippable = false

  var isWhole: Bool { self.count == 4 }

  /// False: no frame begins so.
  mutating func goesOn(with byte: UInt8) -> Bool {
    if self.count == 0 { self.isSkippable = byte & 0xF0 == 0x50 }
    let wanted = (self.isSkippable ? Self.skippable : Self.frame)[self.count]
    guard byte == wanted || (self.count == 0 && self.isSkippable) else { return false }
    self.count += 1
    return true
  }
}
