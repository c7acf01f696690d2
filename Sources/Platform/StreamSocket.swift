internal import CPlatform
internal import Glibc

/// What one read or write on a non-blocking socket came to.
package enum StreamResult: Equatable {
  case moved(Int)
  case wouldBlock
  case ended
  case failed(Errno)
}

/// One end of a byte stream: TCP or unix, non-blocking.
package struct StreamSocket {
  package let descriptor: OwnedDescriptor

  package init(_ descriptor: OwnedDescriptor) {
    self.descriptor = descriptor
  }

  /// Reads once into `room`; the bytes are there until the next read.
  package func receive(into room: ReadRoom) -> StreamResult {
    while true {
      let count = room.fill(from: self.descriptor)
      if count > 0 { return .moved(count) }
      if count == 0 { return .ended }
      let failure = Errno.last
      if failure == .interrupted { continue }
      return failure == .wouldBlock ? .wouldBlock : .failed(failure)
    }
  }

  /// Writes once; says how much went out.
  package func send(_ bytes: Span<UInt8>) -> StreamResult {
    while true {
      let count = unsafe bytes.withUnsafeBytes { raw in
        unsafe Glibc.send(self.descriptor.raw, raw.baseAddress, raw.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 { return .moved(count) }
      let failure = Errno.last
      if failure == .interrupted { continue }
      return failure == .wouldBlock ? .wouldBlock : .failed(failure)
    }
  }

  /// Tells the peer that nothing more will come, and still reads what it sends.
  package func finishSending() {
    _ = shutdown(self.descriptor.raw, Int32(SHUT_WR))
  }

  /// Makes the close that follows a reset, which no peer can take for a clean end.
  package func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(
      self.descriptor.raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Neither bytes nor an end wait to be read.
  package var hasNothingToRead: Bool {
    var byte: UInt8 = 0
    let count = unsafe recv(self.descriptor.raw, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
    return count < 0 && Errno.last == .wouldBlock
  }

  /// Ends a connection that somebody else has still to close: nothing more can be read from it or sent over it.
  package static func end(_ raw: Int32) {
    _ = shutdown(raw, Int32(SHUT_RDWR))
    // What has come before is still there; TCP throws it away without a copy.
    for _ in 0..<64 {
      guard recv(raw, nil, 64 * 1024, Int32(MSG_TRUNC | MSG_DONTWAIT)) > 0 else {
        return
      }
    }
  }

  /// Small writes leave at once. Fails quietly on unix sockets, which have no such delay.
  package func sendSmallWritesAtOnce() {
    var on: Int32 = 1
    _ = unsafe setsockopt(
      self.descriptor.raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The process at the other end of a unix socket.
  package var peerProcess: Int32? {
    var credentials = ucredLike()
    var length = socklen_t(MemoryLayout<ucredLike>.size)
    let code = unsafe getsockopt(self.descriptor.raw, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
    return code == 0 ? credentials.process : nil
  }
}

/// The kernel's `struct ucred`, which the C library hides behind _GNU_SOURCE.
private struct ucredLike {
  var process: Int32 = 0
  var user: UInt32 = 0
  var group: UInt32 = 0
}

/// The room one thread reads into: bytes are taken from it before the next read, so connections need none of their own.
package final class ReadRoom {
  private static let size = 64 * 1024
  private var bytes = [UInt8](repeating: 0, count: ReadRoom.size)
  private var filled = 0

  package init() {}

  /// What the last read brought.
  package func take<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let bytes = self.bytes
    return body(bytes.span.extracting(0..<self.filled))
  }

  /// One read of `descriptor`; as `recv`.
  func fill(from descriptor: OwnedDescriptor) -> Int {
    let count = unsafe self.bytes.withUnsafeMutableBytes { raw in
      unsafe recv(descriptor.raw, raw.baseAddress, raw.count, 0)
    }
    self.filled = max(0, count)
    return count
  }
}
