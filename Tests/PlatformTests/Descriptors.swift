import Foundation
import Platform
import Testing

/// Descriptors as tests need them.
enum Descriptors {
  /// How many this process has open; of use only in a process of one's own, as an exit test has.
  static var count: Int {
    (0..<1_024).count { Self.isOpen($0) }
  }

  static func isOpen(_ raw: Int32) -> Bool { fcntl(raw, F_GETFD) >= 0 }

  /// Two ends of a stream, non-blocking.
  static func pair() throws -> (OwnedDescriptor, OwnedDescriptor) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Errno.last }
    return (OwnedDescriptor(taking: ends[0]), OwnedDescriptor(taking: ends[1]))
  }

  /// A connection to a listener, begun at least.
  static func connect(to address: SocketAddress) throws -> OwnedDescriptor {
    let raw = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
    guard raw >= 0 else { throw Errno.last }
    let descriptor = OwnedDescriptor(taking: raw)
    var storage = sockaddr_storage()
    let text = address.description
    let length: Int
    switch address.family {
    case AF_INET:
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = address.port.bigEndian
      inet_pton(AF_INET, address.host, &four.sin_addr)
      length = MemoryLayout<sockaddr_in>.size
      withUnsafeMutableBytes(of: &storage) { room in withUnsafeBytes(of: four) { room.copyMemory(from: $0) } }
    case AF_INET6:
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = address.port.bigEndian
      inet_pton(AF_INET6, address.host, &six.sin6_addr)
      length = MemoryLayout<sockaddr_in6>.size
      withUnsafeMutableBytes(of: &storage) { room in withUnsafeBytes(of: six) { room.copyMemory(from: $0) } }
    default:
      var name = Array(text.utf8)
      if name.first == UInt8(ascii: "@") { name[0] = 0 }
      length = 2 + name.count
      withUnsafeMutableBytes(of: &storage) { room in
        room.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
        UnsafeMutableRawBufferPointer(rebasing: room[2...]).copyBytes(from: name)
      }
    }
    let code = withUnsafePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor.raw, $0, socklen_t(length))
      }
    }
    guard code == 0 else { throw Errno.last }
    return descriptor
  }
}

extension Listener.Accepted {
  var connection: OwnedDescriptor? {
    if case .connection(let descriptor, _) = self { descriptor } else { nil }
  }

  var isNone: Bool {
    if case .none = self { true } else { false }
  }

  var isOutOfDescriptors: Bool {
    if case .outOfDescriptors = self { true } else { false }
  }
}

extension Listener {
  /// Whether a connection has arrived, or does soon: a handshake may take the kernel a moment, on loopback too.
  var isReadable: Bool {
    var ready = pollfd(fd: self.descriptor.raw, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, 10_000) == 1
  }

  var awaited: Accepted { self.isReadable ? self.accept() : .none }
}
