package import Wire

/// What `claude-proxy doctor` is told of its own request: how it came, and which of the fields it sent were in it.
///
/// Only to who asks, and only of names that are known here: what a proxy in front adds for itself is nobody's business.
package enum DoctorEcho {
  package static let fieldName = "x-proxy-doctor"
  private static let names: [StaticString] = [
    "x-api-key", "authorization", "anthropic-version", "anthropic-beta",
  ]

  /// nil: this request does not ask for it.
  package static func value(for head: RequestHead, isDemo: Bool) -> String? {
    guard head.fields.contains("x-proxy-doctor") else { return nil }
    let present = Self.names.filter { head.fields.contains($0) }.map { "\($0)" }
    return (["http/1.\(head.minorVersion)"] + (isDemo ? ["demo"] : []) + present).joined(separator: " ")
  }
}
