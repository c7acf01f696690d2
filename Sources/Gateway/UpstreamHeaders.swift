package import Dialogue
package import Wire

/// The header lines of a request to an upstream, as libcurl takes them.
package struct UpstreamHeaders {
  private(set) var lines: [[UInt8]] = []

  /// The client's own, but for those of one hop and of credentials.
  package static func relaying(_ fields: HeaderFields, userAgent: String) -> UpstreamHeaders {
    var headers = UpstreamHeaders()
    headers.lines.reserveCapacity(fields.count + 4)
    for index in fields.indices where ForwardedHeaders.passes(fields.name(at: index), fields) {
      headers.append(fields.name(at: index), fields.value(at: index))
    }
    if !fields.contains("content-type") { headers.append("content-type", "application/json") }
    // Blank after the colon: libcurl leaves out what it would add itself.
    if !fields.contains("accept") { headers.suppress("accept") }
    if !fields.contains("user-agent") { headers.append("user-agent", userAgent) }
    return headers
  }

  /// Those of a request that was written here; of the client's own none is left.
  package static func translated(to dialect: Dialect, isStreaming: Bool, userAgent: String)
    -> UpstreamHeaders
  {
    var headers = UpstreamHeaders()
    headers.append("content-type", "application/json")
    headers.append("accept", isStreaming ? "text/event-stream" : "application/json")
    headers.append("user-agent", userAgent)
    if dialect == .messages { headers.append("anthropic-version", "2023-06-01") }
    return headers
  }

  /// With what every request ends with.
  package func finished(key: String?) -> [[UInt8]] {
    var headers = self
    headers.suppress("expect")
    headers.append("accept-encoding", "identity")
    if let key { headers.append("authorization", "Bearer \(key)") }
    return headers.lines
  }

  package mutating func append(_ name: String, _ value: String) {
    self.lines.append(Array("\(name): \(value)".utf8))
  }

  /// Keeps libcurl from adding the field by itself.
  package mutating func suppress(_ name: String) {
    self.lines.append(Array("\(name):".utf8))
  }

  private mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    var line: [UInt8] = []
    line.reserveCapacity(name.count + value.count + 2)
    line.append(copying: name)
    // How libcurl spells a field whose value is empty.
    line.append(copying: value.isEmpty ? ";" : ": ")
    line.append(copying: value)
    self.lines.append(line)
  }
}
