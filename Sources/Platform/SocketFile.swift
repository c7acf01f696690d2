internal import CPlatform
internal import Glibc

/// The file of a unix socket that this process listens on: made by it, and taken away by it if it is still the same.
package struct SocketFile: Sendable {
  package let path: String
  private let device: UInt64
  private let number: UInt64

  /// Listens there. What an ended process left behind is replaced; a socket that somebody serves, or another kind of file, is not.
  package static func listen(at path: String, backlog: Int) throws(Errno) -> (Listener, SocketFile) {
    guard let address = SocketAddress(path: path) else { throw Errno(code: ENAMETOOLONG) }
    if let found = Self.look(at: path) {
      guard found.isSocket, !Self.isServed(address) else { throw Errno(code: EADDRINUSE) }
      guard unsafe unlink(path) == 0 else { throw Errno.last }
    }
    let listener = try Listener.bind(address, backlog: backlog)
    // As gunicorn's default: who may come in is for the keys and for the folder to say, as on TCP.
    guard unsafe chmod(path, 0o777) == 0 else { throw Errno.last }
    guard let made = Self.look(at: path)?.file else { throw Errno.noSuchFile }
    return (listener, made)
  }

  package func remove() {
    guard let found = Self.look(at: self.path)?.file, found.device == self.device, found.number == self.number
    else { return }
    _ = unsafe unlink(self.path)
  }

  private static func look(at path: String) -> (file: SocketFile, isSocket: Bool)? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    let file = SocketFile(path: path, device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    return (file, status.st_mode & S_IFMT == S_IFSOCK)
  }

  private static func isServed(_ address: SocketAddress) -> Bool {
    let raw = cp_stream_socket(AF_UNIX)
    guard raw >= 0 else { return true }
    let descriptor = OwnedDescriptor(taking: raw)
    let code = unsafe address.withRaw { pointer, length in unsafe connect(descriptor.raw, pointer, length) }
    // A full queue says "try again": somebody serves it.
    return code == 0 || Errno.last == .wouldBlock
  }
}
