internal import Glibc

/// A file descriptor with one owner: it is closed when the last reference to this object goes.
package final class OwnedDescriptor: Sendable {
  package let raw: Int32

  package init(taking raw: Int32) {
    self.raw = raw
  }

  deinit {
    // Linux frees the number even when close reports EINTR or EIO: trying again could close a stranger's.
    _ = Glibc.close(self.raw)
  }
}
