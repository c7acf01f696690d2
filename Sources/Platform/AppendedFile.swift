internal import Glibc

/// A file that is only ever written at its end, or a stream that somebody else opened.
package struct AppendedFile: Sendable {
  private let owned: OwnedDescriptor?
  private let raw: Int32

  /// For what lives as long as the process, such as standard output.
  package init(lent descriptor: Int32) {
    self.owned = nil
    self.raw = descriptor
  }

  /// Made if it is not there, for its owner to write and its group to read. A pipe nobody reads is not waited for.
  package init(path: String) throws(Errno) {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
    let raw = unsafe open(path, flags, 0o640)
    guard raw >= 0 else { throw .last }
    self.owned = OwnedDescriptor(taking: raw)
    self.raw = raw
  }

  /// Waits for room where there is none for the moment.
  package func write(_ bytes: [UInt8]) throws(Errno) {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(self.raw, bytes.baseAddress?.advanced(by: start), bytes.count - start)
      }
      if count >= 0 {
        start += count
        continue
      }
      let errno = Errno.last
      if errno == .wouldBlock {
        // Standard error can be somebody else's non-blocking pipe.
        var interest = pollfd(fd: self.raw, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&interest, 1, -1)
      } else if errno != .interrupted {
        throw errno
      }
    }
  }
}
