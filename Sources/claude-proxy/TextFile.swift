internal import Glibc
internal import Platform

/// Whole small files for the subcommands that read or print them.
enum TextFile {
  static func read(_ path: String) throws(Errno) -> String {
    let raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { throw Errno.last }
    let descriptor = OwnedDescriptor(taking: raw)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor.raw, buffer.baseAddress, buffer.count)
      }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      guard count > 0 else {
        let failure = Errno.last
        if failure == .interrupted { continue }
        throw failure
      }
      bytes += chunk.prefix(count)
    }
  }

  static func write(_ text: String, to path: String) throws(Errno) {
    let raw = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard raw >= 0 else { throw Errno.last }
    let descriptor = OwnedDescriptor(taking: raw)
    try Self.write(text, toDescriptor: descriptor.raw)
  }

  /// One line on standard error; nobody can be told if that fails.
  static func complain(_ line: String) {
    try? Self.write(line + "\n", toDescriptor: STDERR_FILENO)
  }

  private static func write(_ text: String, toDescriptor descriptor: Int32) throws(Errno) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        let failure = Errno.last
        if failure == .interrupted { continue }
        throw failure
      }
      rest = rest.dropFirst(count)
    }
  }
}
