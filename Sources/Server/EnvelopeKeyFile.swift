internal import Glibc
internal import Platform
internal import Settings

/// The key that signs envelopes, kept in the service's state directory, so that a restart opens what was signed before.
enum EnvelopeKeyFile {
  struct Finding: Sendable {
    let key: Secret
    let remark: ConfigurationRemark?
  }

  private static let name = "envelope-key"
  private static let byteCount = 32

  /// Without a directory the key lives as long as the process.
  static func find(in directory: String?) -> Finding {
    let fresh = Self.hexadecimal(Resources.randomBytes(Self.byteCount))
    guard let directory else { return Self.passing(fresh, "there is no state directory") }
    let path = "\(directory)/\(Self.name)"
    do throws(Errno) {
      return Finding(key: Secret(try Self.keep(fresh, at: path)), remark: nil)
    } catch {
      return Self.passing(fresh, "\(path): \(error)")
    }
  }

  private static func passing(_ fresh: String, _ why: String) -> Finding {
    Finding(
      key: Secret(fresh),
      remark: ConfigurationRemark(
        .notice, at: .surroundings, key: "ENVELOPE_KEY",
        "made for this process only (\(why)): what upstreams want back with conversations is lost with a restart"
      ))
  }

  /// The key at that place, which is `fresh` if there was none.
  private static func keep(_ fresh: String, at path: String) throws(Errno) -> String {
    let made = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard made >= 0 else {
      guard Errno.last == Errno(code: EEXIST) else { throw Errno.last }
      return try Self.read(path)
    }
    let descriptor = OwnedDescriptor(taking: made)
    let bytes = Array(fresh.utf8)
    let count = unsafe bytes.withUnsafeBytes { raw in
      unsafe write(descriptor.raw, raw.baseAddress, raw.count)
    }
    guard count == bytes.count else { throw count < 0 ? Errno.last : Errno(code: EIO) }
    return fresh
  }

  private static func read(_ path: String) throws(Errno) -> String {
    let raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { throw Errno.last }
    let descriptor = OwnedDescriptor(taking: raw)
    var bytes = [UInt8](repeating: 0, count: 2 * Self.byteCount)
    let count = unsafe bytes.withUnsafeMutableBytes { room in
      unsafe Glibc.read(descriptor.raw, room.baseAddress, room.count)
    }
    guard count == bytes.count else { throw Errno(code: count < 0 ? Errno.last.code : EINVAL) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
