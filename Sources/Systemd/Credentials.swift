internal import Glibc
package import Platform

package enum CredentialError: Error, Equatable, CustomStringConvertible {
  case badName(String)
  case tooLarge(String, limitBytes: Int)
  case unreadable(String, Errno)

  package var description: String {
    switch self {
    case .badName(let name): "\(name) is not a credential's name"
    case .tooLarge(let name, let limitBytes): "credential \(name) is larger than \(limitBytes) bytes"
    case .unreadable(let name, let errno): "credential \(name): \(errno)"
    }
  }
}

/// The secrets the service manager copied for this service (`LoadCredential=`), read by name.
package struct Credentials: Sendable, Equatable {
  package static let largestSizeBytes = 64 << 10

  private let directory: String

  /// Nil when the service has no credentials.
  package init?() {
    guard let directory = ProcessEnvironment.value(of: "CREDENTIALS_DIRECTORY") else { return nil }
    self.directory = directory
  }

  package init(directory: String) {
    self.directory = directory
  }

  /// The names there are, sorted.
  package func names() -> [String] {
    guard let stream = unsafe opendir(self.directory) else { return [] }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// The bytes of one credential; nil when there is none of that name.
  package func read(
    _ name: String, limitBytes: Int = largestSizeBytes
  ) throws(CredentialError) -> [UInt8]? {
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(where: { $0 == 47 || $0 == 0 }) else {
      throw .badName(name)
    }
    let raw = unsafe open("\(self.directory)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if raw < 0 {
      let failure = Errno.last
      if failure == .noSuchFile { return nil }
      throw .unreadable(name, failure)
    }
    let descriptor = OwnedDescriptor(taking: raw)
    var bytes = [UInt8](repeating: 0, count: limitBytes + 1)
    var filled = 0
    while filled < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor.raw, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
      }
      if count == 0 { break }
      if count < 0 {
        let failure = Errno.last
        if failure == .interrupted { continue }
        throw .unreadable(name, failure)
      }
      filled += count
    }
    if filled > limitBytes { throw .tooLarge(name, limitBytes: limitBytes) }
    return Array(bytes.prefix(filled))
  }
}
