package import Settings
package import Wire

/// The header fields of requests to the upstream that speaks Chat Completions.
package struct ChatHeaders: Sendable {
  private let custom: [HeaderSetting]
  private let userAgent: String
  /// Spelled once, where requests are written here and go out with the operator's own key.
  private var usual: Usual?

  private struct Usual: Sendable {
    let key: String?
    let lines: [[UInt8]]
    let linesForStreams: [[UInt8]]
  }

  /// `userAgent` is the daemon's own; `usually` the only upstream there is.
  package init(_ settings: HeaderSettings, userAgent: String, usually upstream: OpenAIUpstream? = nil) {
    self.custom = settings.custom
    self.userAgent = userAgent
    guard let upstream else { return }
    let key = upstream.key?.revealed
    self.usual = Usual(
      key: key, lines: self.translated(to: upstream, key: key, isStreaming: false).lines,
      linesForStreams: self.translated(to: upstream, key: key, isStreaming: true).lines)
  }

  /// The lines of `translated`, if they are at hand.
  package func usualLines(key: String?, isStreaming: Bool) -> [[UInt8]]? {
    guard let usual = self.usual, usual.key == key else { return nil }
    return isStreaming ? usual.linesForStreams : usual.lines
  }

  /// Of a request that was written here; of the client's own fields none is left.
  package func translated(to upstream: OpenAIUpstream, key: String?, isStreaming: Bool) -> OutboundFields {
    var fields = OutboundFields()
    fields.set("accept", isStreaming ? "text/event-stream" : "application/json")
    fields.set("content-type", "application/json")
    fields.set("user-agent", self.userAgent)
    self.finish(&fields, upstream, key)
    return fields
  }

  /// Of a request that goes out as it came.
  package func relayed(_ client: HeaderFields, to upstream: OpenAIUpstream, key: String?) -> OutboundFields {
    var fields = OutboundFields(relaying: client)
    fields.complete(userAgent: self.userAgent)
    self.finish(&fields, upstream, key)
    return fields
  }

  /// The operator's fields come last: they may replace any other, the key among them.
  private func finish(_ fields: inout OutboundFields, _ upstream: OpenAIUpstream, _ key: String?) {
    fields.set("accept-encoding", "identity")
    if let key {
      fields.set("authorization", "Bearer \(key)")
      if upstream.azure != nil { fields.set("api-key", key) }
    }
    fields.apply(self.custom)
  }
}
