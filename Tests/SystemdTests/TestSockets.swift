import Foundation
import Platform
import Testing

/// Sockets as tests need them, in whatever state is asked for.
enum TestSockets {
  static func tcp(_ host: String = "127.0.0.1") throws -> OwnedDescriptor {
    let address = try #require(SocketAddress(host: host, port: 0))
    return try Listener.bind(address, backlog: 8).descriptor
  }

  static func open(_ family: Int32, _ type: __socket_type) throws -> OwnedDescriptor {
    let raw = socket(family, Int32(type.rawValue), 0)
    guard raw >= 0 else { throw Errno.last }
    return OwnedDescriptor(taking: raw)
  }

  /// Binds to a path, or to an abstract name when it begins with `@`.
  static func unix(_ name: String, _ type: __socket_type) throws -> OwnedDescriptor {
    let descriptor = try self.open(AF_UNIX, type)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    let isAbstract = bytes.first == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor.raw, $0, length) }
    }
    guard code == 0 else { throw Errno.last }
    if type == SOCK_STREAM, listen(descriptor.raw, 8) != 0 { throw Errno.last }
    return descriptor
  }

  /// The next datagram, which must be there already.
  static func receive(_ descriptor: OwnedDescriptor) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor.raw, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

/// A directory that is gone when the test is over.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/systemd-tests.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno.last }
    self.path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: self.path)
  }
}
