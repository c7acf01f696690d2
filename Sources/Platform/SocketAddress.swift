internal import CPlatform
internal import Glibc

/// An address of either internet family, or a unix socket's name.
package struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
  /// The kernel's form, as long as it is.
  private let bytes: [UInt8]

  /// Of `sun_path`, a final zero byte aside.
  private static let longestName = 107

  package static let unnamed = SocketAddress(bytes: [UInt8(AF_UNIX), 0])

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  init(_ storage: sockaddr_storage) {
    let length = Self.length(family: Int32(storage.ss_family))
    self.bytes = unsafe withUnsafeBytes(of: storage) { raw in unsafe Array(raw.prefix(length)) }
  }

  /// An address from its numbers; nil when `host` is no literal address.
  package init?(host: String, port: UInt16) {
    var four = sockaddr_in()
    if unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      self.bytes = unsafe withUnsafeBytes(of: four) { raw in unsafe Array(raw) }
      return
    }
    var six = sockaddr_in6()
    guard unsafe inet_pton(AF_INET6, host, &six.sin6_addr) == 1 else { return nil }
    six.sin6_family = sa_family_t(AF_INET6)
    six.sin6_port = port.bigEndian
    self.bytes = unsafe withUnsafeBytes(of: six) { raw in unsafe Array(raw) }
  }

  /// A name in the abstract namespace of unix sockets: no file, and gone with its owner.
  package init?(abstractName: String) {
    let name = Array(abstractName.utf8)
    guard !name.isEmpty, name.count <= Self.longestName else { return nil }
    self.bytes = [UInt8(AF_UNIX), 0, 0] + name
  }

  /// The file of a unix socket; nil when its path is too long for the kernel.
  package init?(path: String) {
    let name = Array(path.utf8)
    guard !name.isEmpty, name.count <= Self.longestName, !name.contains(0) else { return nil }
    self.bytes = [UInt8(AF_UNIX), 0] + name + [0]
  }

  package var family: Int32 { Int32(self.bytes[0]) }
  package var isInternet: Bool { self.family == AF_INET || self.family == AF_INET6 }

  package var port: UInt16 {
    self.isInternet ? UInt16(self.bytes[2]) << 8 | UInt16(self.bytes[3]) : 0
  }

  /// The address without its port, as people write it.
  package var host: String {
    guard self.isInternet else { return "unix" }
    let offset = self.family == AF_INET ? 4 : 8
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + 1)
    return unsafe self.bytes.withUnsafeBytes { raw in
      unsafe text.withUnsafeMutableBufferPointer { room in
        guard let source = raw.baseAddress, let base = room.baseAddress else { return "" }
        guard unsafe inet_ntop(self.family, source + offset, base, socklen_t(room.count)) != nil else {
          return ""
        }
        return unsafe String(cString: base)
      }
    }
  }

  package var description: String {
    switch self.family {
    case AF_INET: "\(self.host):\(self.port)"
    case AF_INET6: "[\(self.host)]:\(self.port)"
    default: self.unixName
    }
  }

  /// The path of a unix socket; abstract names begin with `@`.
  private var unixName: String {
    let name = self.bytes.dropFirst(2)
    guard let first = name.first else { return "unix" }
    if first == 0 { return "@" + String(decoding: name.dropFirst(), as: UTF8.self) }
    return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
  }

  package static func local(of descriptor: OwnedDescriptor) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe getsockname(descriptor.raw, address, &length)
      }
    }
    guard code == 0 else { return nil }
    let known =
      Int32(storage.ss_family) == AF_UNIX ? Int(length) : Self.length(family: Int32(storage.ss_family))
    return SocketAddress(
      bytes: unsafe withUnsafeBytes(of: storage) { raw in unsafe Array(raw.prefix(max(2, known))) })
  }

  func withRaw<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
    unsafe self.bytes.withUnsafeBytes { raw in
      unsafe body(raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
    }
  }

  private static func length(family: Int32) -> Int {
    switch family {
    case AF_INET: MemoryLayout<sockaddr_in>.size
    case AF_INET6: MemoryLayout<sockaddr_in6>.size
    default: 2
    }
  }
}
