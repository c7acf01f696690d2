internal import Glibc

/// A file's bytes as the kernel keeps them: shared by all processes that map it, read when they are looked at.
///
/// The file must not be shortened while it is mapped; packages replace files instead of writing into them.
package final class MappedFile: Sendable {
  private let address: UInt
  private let count: Int

  package init(path: String) throws(Errno) {
    let raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { throw Errno.last }
    let descriptor = OwnedDescriptor(taking: raw)
    var status = stat()
    guard unsafe fstat(descriptor.raw, &status) == 0 else { throw Errno.last }
    guard status.st_size > 0, let count = Int(exactly: status.st_size) else { throw Errno(code: EINVAL) }
    let start = unsafe UInt(bitPattern: mmap(nil, count, PROT_READ, MAP_SHARED, descriptor.raw, 0))
    guard start != 0, unsafe start != UInt(bitPattern: MAP_FAILED) else { throw Errno.last }
    self.address = start
    self.count = count
  }

  deinit {
    unsafe munmap(UnsafeMutableRawPointer(bitPattern: self.address), self.count)
  }

  package var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let start = unsafe UnsafeRawPointer(bitPattern: self.address)
      let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: start, count: self.count))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}
