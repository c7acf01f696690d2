internal import CPlatform
internal import Glibc

/// A socket that connections come from.
package struct Listener: Sendable {
  package let descriptor: OwnedDescriptor

  package init(_ descriptor: OwnedDescriptor) {
    self.descriptor = descriptor
  }

  /// What one look at the queue of waiting connections came to.
  package enum Accepted {
    case connection(OwnedDescriptor, peer: SocketAddress)
    case none
    case outOfDescriptors
    case failed(Errno)
  }

  package func accept() -> Accepted {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let raw = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe cp_accept(self.descriptor.raw, address, &length)
      }
    }
    if raw >= 0 {
      return .connection(OwnedDescriptor(taking: raw), peer: SocketAddress(storage))
    }
    switch Errno.last {
    case .wouldBlock: return .none
    case .outOfDescriptors, .outOfSystemDescriptors: return .outOfDescriptors
    case let failure where failure.isPassingAcceptError: return .none
    case let failure: return .failed(failure)
    }
  }

  /// Binds and listens on an address of the host's.
  package static func bind(_ address: SocketAddress, backlog: Int) throws(Errno) -> Listener {
    let descriptor = try Self.open(family: address.family)
    if address.isInternet {
      Self.set(descriptor, SO_REUSEADDR, at: SOL_SOCKET)
      if address.family == AF_INET6 { Self.set(descriptor, IPV6_V6ONLY, at: Int32(IPPROTO_IPV6)) }
    }
    let code = unsafe address.withRaw { pointer, length in
      unsafe Glibc.bind(descriptor.raw, pointer, length)
    }
    guard code == 0 else { throw Errno.last }
    guard listen(descriptor.raw, Int32(clamping: backlog)) == 0 else { throw Errno.last }
    return Listener(descriptor)
  }

  /// The address it is bound to: the port the kernel chose, when it was asked to choose.
  package var localAddress: SocketAddress? {
    SocketAddress.local(of: self.descriptor)
  }

  package func setBacklog(_ backlog: Int) {
    _ = listen(self.descriptor.raw, Int32(clamping: backlog))
  }

  /// The kernel refuses connections from now on, whoever else still holds the socket. Not for sockets that are shared with
  /// another process: it acts on the socket itself.
  package func refuseConnections() {
    _ = shutdown(self.descriptor.raw, Int32(SHUT_RD))
  }

  private static func open(family: Int32) throws(Errno) -> OwnedDescriptor {
    let raw = cp_stream_socket(family)
    guard raw >= 0 else { throw Errno.last }
    return OwnedDescriptor(taking: raw)
  }

  private static func set(_ descriptor: OwnedDescriptor, _ option: Int32, at level: Int32) {
    var on: Int32 = 1
    _ = unsafe setsockopt(descriptor.raw, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
  }
}

extension Errno {
  /// Errors of the one connection that was waiting, not of the listener (accept(2)).
  fileprivate var isPassingAcceptError: Bool {
    switch self.code {
    case ECONNABORTED, EINTR, EPROTO, ENETDOWN, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH, EPERM: true
    default: false
    }
  }
}
