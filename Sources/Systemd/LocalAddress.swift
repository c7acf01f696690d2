import Glibc

/// The address a socket is bound to, as an administrator would write it.
struct LocalAddress {
  let family: Int32
  let text: String

  /// Nil with `errno` set when the kernel will not say.
  init?(of descriptor: Int32) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      unsafe getsockname(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    guard result == 0 else { return nil }
    self.family = Int32(storage.ss_family)
    let used = min(Int(length), MemoryLayout<sockaddr_storage>.size)
    let family = self.family
    self.text = unsafe withUnsafeBytes(of: &storage) { bytes in
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<used])
      return switch family {
      case AF_INET: unsafe Self.internet(bytes, AF_INET, addressOffset: 4, addressSize: 4)
      case AF_INET6: unsafe Self.internet(bytes, AF_INET6, addressOffset: 8, addressSize: 16)
      case AF_UNIX: unsafe Self.unix(bytes)
      default: "family \(family)"
      }
    }
  }

  private static func internet(
    _ bytes: UnsafeRawBufferPointer, _ family: Int32, addressOffset: Int, addressSize: Int
  ) -> String {
    guard bytes.count >= addressOffset + addressSize else { return "unknown" }
    // sin_port and sin6_port: two bytes in network order behind the family.
    let port = unsafe UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    var buffer = [CChar](repeating: 0, count: 64)
    let address = unsafe bytes.baseAddress?.advanced(by: addressOffset)
    guard unsafe inet_ntop(family, address, &buffer, socklen_t(buffer.count)) != nil else { return "unknown" }
    let host = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  private static func unix(_ bytes: UnsafeRawBufferPointer) -> String {
    let path = unsafe bytes.dropFirst(2)
    guard let first = unsafe path.first else { return "unnamed" }
    // unix(7): a name that begins with a null byte is abstract and ends where the address ends.
    if first == 0 { return unsafe "@" + String(decoding: path.dropFirst(), as: UTF8.self) }
    return unsafe String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
  }
}
