package import Wire

/// Whether a request's body is said to be JSON.
///
/// A web page may send anything else anywhere without asking for leave; nothing here may be had that way.
package enum MediaType {
  /// Old clients that say nothing are believed; browsers are told by their origin.
  package static func mayBeJSON(_ fields: HeaderFields) -> Bool {
    // What nearly everybody sends.
    if fields.says("application/json", in: "content-type") { return true }
    guard let value = fields.value(of: "content-type"), !value.isEmpty else {
      return !fields.contains("origin")
    }
    let type = value.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
    return type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json")
  }
}
