internal import CSystemd
internal import Glibc
package import Platform

/// A listening socket the service manager opened for us and handed over at exec.
package struct ListenSocket: Sendable {
  package enum Family: Sendable, Equatable {
    case ipv4
    case ipv6
    case unix
  }

  /// Close-on-exec and non-blocking.
  package let descriptor: OwnedDescriptor
  /// `FileDescriptorName=` of the socket unit, by default the unit's own name; `unknown` without names.
  package let name: String
  package let family: Family
  package let address: SocketAddress
}

/// Why the sockets in the environment cannot be served.
package enum ListenSocketError: Error, Equatable, CustomStringConvertible {
  /// `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES` do not make sense together.
  case badEnvironment(Errno)
  case notAStreamSocket(descriptor: Int32, name: String)
  case notListening(descriptor: Int32, name: String)
  case unknownFamily(descriptor: Int32, name: String)
  case systemCall(String, descriptor: Int32, name: String, Errno)

  package var description: String {
    switch self {
    case .badEnvironment(let errno):
      "LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES do not fit together: \(errno)"
    case .notAStreamSocket(let descriptor, let name):
      "descriptor \(descriptor) (\(name)) is not a stream socket: use ListenStream= in its socket unit"
    case .notListening(let descriptor, let name):
      "descriptor \(descriptor) (\(name)) is not listening: use Accept=no in its socket unit"
    case .unknownFamily(let descriptor, let name):
      "descriptor \(descriptor) (\(name)) is neither TCP nor a unix socket"
    case .systemCall(let call, let descriptor, let name, let errno):
      "descriptor \(descriptor) (\(name)): \(call): \(errno)"
    }
  }
}

/// Takes over the sockets of socket activation.
package enum ListenSockets {
  /// The sockets passed to this very process, in the manager's order; empty when there are none.
  ///
  /// Removes the variables from the environment, so it is called once, before a second thread exists.
  package static func take() throws(ListenSocketError) -> [ListenSocket] {
    let (count, names) = try self.passedDescriptors()
    var sockets: [ListenSocket] = []
    for offset in 0..<count {
      let index = Int(offset)
      let descriptor = OwnedDescriptor(taking: SD_LISTEN_FDS_START + offset)
      sockets.append(try self.inspect(descriptor, name: index < names.count ? names[index] : "unknown"))
    }
    return sockets
  }

  /// Checks one inherited descriptor and makes it close-on-exec and non-blocking.
  package static func inspect(
    _ descriptor: OwnedDescriptor, name: String
  ) throws(ListenSocketError) -> ListenSocket {
    let raw = descriptor.raw
    let stream = sd_is_socket(raw, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), -1)
    if stream == 0 || stream == -ENOTSOCK { throw .notAStreamSocket(descriptor: raw, name: name) }
    if stream < 0 {
      throw .systemCall("fstat", descriptor: raw, name: name, Errno(code: -stream))
    }
    // Zero is "no" and below zero "cannot say", which is no better for a server.
    guard sd_is_socket(raw, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), 1) > 0 else {
      throw .notListening(descriptor: raw, name: name)
    }
    guard let address = SocketAddress.local(of: descriptor) else {
      throw .systemCall("getsockname", descriptor: raw, name: name, Errno.last)
    }
    let family: ListenSocket.Family
    switch address.family {
    case AF_INET: family = .ipv4
    case AF_INET6: family = .ipv6
    case AF_UNIX: family = .unix
    default: throw .unknownFamily(descriptor: raw, name: name)
    }
    let flags = fcntl(raw, F_GETFL)
    guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(raw, F_SETFD, FD_CLOEXEC) == 0
    else {
      throw .systemCall("fcntl", descriptor: raw, name: name, Errno.last)
    }
    return ListenSocket(descriptor: descriptor, name: name, family: family, address: address)
  }

  private static func passedDescriptors() throws(ListenSocketError) -> (count: Int32, names: [String]) {
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = unsafe sd_listen_fds_with_names(1, &list)
    if count < 0 { throw .badEnvironment(Errno(code: -count)) }
    guard let first = unsafe list else { return (count, []) }
    var names: [String] = []
    var cursor = unsafe first
    while let name = unsafe cursor.pointee {
      unsafe names.append(String(cString: name))
      unsafe free(name)
      unsafe cursor += 1
    }
    unsafe free(first)
    return (count, names)
  }
}
