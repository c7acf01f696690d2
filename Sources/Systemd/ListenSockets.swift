import CSystemd
import Glibc

/// A listening socket the service manager opened for us and handed over at exec.
package struct ListenSocket: Sendable, Equatable {
  package enum Family: Sendable, Equatable {
    case ipv4
    case ipv6
    case unix
  }

  /// Owned by whoever took the sockets: open, close-on-exec and non-blocking.
  package let descriptor: Int32
  /// `FileDescriptorName=` of the socket unit, by default the unit's own name; `unknown` without names.
  package let name: String
  package let family: Family
  /// `127.0.0.1:5000`, `[::1]:5000`, a path, or `@` and an abstract name.
  package let address: String
}

/// Why the sockets in the environment cannot be served.
package enum ListenSocketError: Error, Equatable, CustomStringConvertible {
  /// `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES` do not make sense together.
  case badEnvironment(errno: Int32)
  case notAStreamSocket(descriptor: Int32, name: String)
  case notListening(descriptor: Int32, name: String)
  case unknownFamily(descriptor: Int32, name: String)
  case systemCall(String, descriptor: Int32, name: String, errno: Int32)

  package var description: String {
    switch self {
    case .badEnvironment(let errno):
      "LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES do not fit together: \(text(ofErrno: errno))"
    case .notAStreamSocket(let descriptor, let name):
      "descriptor \(descriptor) (\(name)) is not a stream socket: use ListenStream= in its socket unit"
    case .notListening(let descriptor, let name):
      "descriptor \(descriptor) (\(name)) is not listening: use Accept=no in its socket unit"
    case .unknownFamily(let descriptor, let name):
      "descriptor \(descriptor) (\(name)) is neither TCP nor a unix socket"
    case .systemCall(let call, let descriptor, let name, let errno):
      "descriptor \(descriptor) (\(name)): \(call): \(text(ofErrno: errno))"
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
      let descriptor = SD_LISTEN_FDS_START + offset
      let index = Int(offset)
      sockets.append(
        try self.inspect(descriptor, name: index < names.count ? names[index] : "unknown"))
    }
    return sockets
  }

  /// Checks one inherited descriptor and makes it non-blocking.
  package static func inspect(
    _ descriptor: Int32, name: String
  ) throws(ListenSocketError) -> ListenSocket {
    func fault(_ call: String, _ code: Int32) -> ListenSocketError {
      .systemCall(call, descriptor: descriptor, name: name, errno: code)
    }
    let stream = sd_is_socket(descriptor, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), -1)
    if stream < 0 { throw fault("fstat", -stream) }
    if stream == 0 { throw .notAStreamSocket(descriptor: descriptor, name: name) }
    let listening = sd_is_socket(descriptor, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), 1)
    if listening < 0 { throw fault("getsockopt", -listening) }
    if listening == 0 { throw .notListening(descriptor: descriptor, name: name) }

    guard let local = LocalAddress(of: descriptor) else { throw fault("getsockname", errno) }
    let family: ListenSocket.Family
    switch local.family {
    case AF_INET: family = .ipv4
    case AF_INET6: family = .ipv6
    case AF_UNIX: family = .unix
    default: throw .unknownFamily(descriptor: descriptor, name: name)
    }
    let flags = fcntl(descriptor, F_GETFL)
    if flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 { throw fault("fcntl", errno) }
    if fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0 { throw fault("fcntl", errno) }
    return ListenSocket(descriptor: descriptor, name: name, family: family, address: local.text)
  }

  private static func passedDescriptors() throws(ListenSocketError) -> (count: Int32, names: [String]) {
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = unsafe sd_listen_fds_with_names(1, &list)
    if count < 0 { throw .badEnvironment(errno: -count) }
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
