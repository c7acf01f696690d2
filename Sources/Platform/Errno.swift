internal import CPlatform
internal import Glibc

/// Why a system call failed.
package struct Errno: Error, Equatable, CustomStringConvertible {
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }

  /// The calling thread's `errno`, read before anything else can change it.
  package static var last: Errno { Errno(code: Glibc.errno) }

  package static let wouldBlock = Errno(code: EAGAIN)
  package static let interrupted = Errno(code: EINTR)
  package static let inProgress = Errno(code: EINPROGRESS)
  package static let outOfDescriptors = Errno(code: EMFILE)
  package static let outOfSystemDescriptors = Errno(code: ENFILE)
  package static let noSuchFile = Errno(code: ENOENT)
  package static let notPermitted = Errno(code: EACCES)

  package var description: String {
    var buffer = [CChar](repeating: 0, count: 128)
    return unsafe buffer.withUnsafeMutableBufferPointer { room in
      guard let base = room.baseAddress, unsafe cp_describe_error(self.code, base, room.count) == 0 else {
        return "error \(self.code)"
      }
      return unsafe String(cString: base)
    }
  }
}
