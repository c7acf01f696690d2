internal import Glibc

/// Reads what the service manager put into the environment of this process.
enum ProcessEnvironment {
  /// The value of a variable; nil when it is unset or empty.
  static func value(of name: String) -> String? {
    guard let bytes = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: bytes)
    return text.isEmpty ? nil : text
  }
}
