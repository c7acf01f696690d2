internal import CPlatform
internal import Glibc

/// The signals that ask the daemon for something, read in one place instead of interrupting anybody.
///
/// They must be blocked before the first thread starts, so that every thread inherits the mask. Signals that report a fault
/// of the program itself (ABRT, SEGV, BUS, ILL, FPE, TRAP) are never blocked.
package final class SignalInbox {
  package let descriptor: OwnedDescriptor

  package init(blocking signals: [Int32]) throws(Errno) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    let code = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    guard code == 0 else { throw Errno(code: code) }
    let raw = unsafe cp_signalfd(&set)
    guard raw >= 0 else { throw Errno.last }
    self.descriptor = OwnedDescriptor(taking: raw)
  }

  package static func ignoreBrokenPipes() {
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// The next pending signal, or nil.
  package func next() -> Int32? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    let count = unsafe withUnsafeMutableBytes(of: &info) { room in
      unsafe Glibc.read(self.descriptor.raw, room.baseAddress, size)
    }
    return count == size ? Int32(bitPattern: info.ssi_signo) : nil
  }
}
