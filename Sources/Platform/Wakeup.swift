internal import CPlatform
internal import Glibc

/// An eventfd: any thread rings it, one event loop hears it.
package final class Wakeup: Sendable {
  package let descriptor: OwnedDescriptor

  package init() throws(Errno) {
    let raw = cp_eventfd()
    guard raw >= 0 else { throw Errno.last }
    self.descriptor = OwnedDescriptor(taking: raw)
  }

  package func ring() {
    // A full counter means that the bell is ringing already.
    _ = eventfd_write(self.descriptor.raw, 1)
  }

  package func hush() {
    var count: eventfd_t = 0
    _ = unsafe eventfd_read(self.descriptor.raw, &count)
  }
}
