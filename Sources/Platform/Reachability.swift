internal import CPlatform
internal import Glibc
internal import Synchronization

/// Whether somebody listens at an address, found out by knocking.
package enum Reachability {
  /// The outcome, shared with the thread that knocks and may outlive the question: a dead resolver keeps only it waiting.
  private final class Verdict: Sendable {
    let isReached = Atomic(false)
  }

  package static func accepts(host: String, port: Int, withinMilliseconds patience: Int32) -> Bool {
    guard let bell = try? Wakeup() else { return false }
    let verdict = Verdict()
    let knocking = try? Thread.start(name: "knock") {
      if Self.connects(host, port, patience) { verdict.isReached.store(true, ordering: .releasing) }
      bell.ring()
    }
    guard let knocking else { return false }
    var waiting = pollfd(fd: bell.descriptor.raw, events: Int16(POLLIN), revents: 0)
    if unsafe poll(&waiting, 1, patience) == 1 { knocking.join() } else { knocking.detach() }
    return verdict.isReached.load(ordering: .acquiring)
  }

  private static func connects(_ host: String, _ port: Int, _ patience: Int32) -> Bool {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, "\(port)", &hints, &found) == 0 else { return false }
    defer { unsafe freeaddrinfo(found) }
    var next = unsafe found
    while let address = unsafe next {
      if unsafe Self.connects(address.pointee, patience) { return true }
      unsafe next = address.pointee.ai_next
    }
    return false
  }

  private static func connects(_ address: addrinfo, _ patience: Int32) -> Bool {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = unsafe socket(address.ai_family, kind, 0)
    guard raw >= 0 else { return false }
    let descriptor = OwnedDescriptor(taking: raw)
    if unsafe connect(descriptor.raw, address.ai_addr, address.ai_addrlen) == 0 { return true }
    guard Errno.last == Errno(code: EINPROGRESS) else { return false }
    var waiting = pollfd(fd: descriptor.raw, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&waiting, 1, patience) == 1 else { return false }
    var failure: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 else { return false }
    return failure == 0
  }
}
