package import Settings
package import Wire

/// The header fields of requests to the upstream that speaks Messages.
package struct MessagesHeaders: Sendable {
  private let settings: HeaderSettings
  private let userAgent: String

  /// `userAgent` is the daemon's own.
  package init(_ settings: HeaderSettings, userAgent: String) {
    self.settings = settings
    self.userAgent = settings.userAgent ?? userAgent
  }

  /// Of a request that was written here; of the client's own fields none is left.
  package func translated(to upstream: AnthropicUpstream, key: String?, isStreaming: Bool) -> OutboundFields {
    var fields = OutboundFields()
    fields.set("accept", isStreaming ? "text/event-stream" : "application/json")
    fields.set("anthropic-version", unlessEmpty: self.settings.anthropicVersion)
    fields.set("anthropic-beta", unlessEmpty: self.settings.anthropicBeta)
    fields.set(
      "anthropic-dangerous-direct-browser-access",
      unlessEmpty: self.settings.dangerousDirectBrowserAccess)
    fields.set("content-type", "application/json")
    fields.set("user-agent", unlessEmpty: self.userAgent)
    fields.set("x-app", unlessEmpty: self.settings.xApp)
    fields.apply(self.settings.extra)
    self.finish(&fields, upstream, key)
    return fields
  }

  /// Of a request that goes out as it came: the client's protocol is its own business, the operator's wishes count.
  package func relayed(_ client: HeaderFields, to upstream: AnthropicUpstream, key: String?) -> OutboundFields
  {
    var fields = OutboundFields(relaying: client)
    fields.complete(userAgent: self.userAgent)
    fields.apply(self.settings.extra)
    self.finish(&fields, upstream, key)
    return fields
  }

  private func finish(_ fields: inout OutboundFields, _ upstream: AnthropicUpstream, _ key: String?) {
    fields.set("accept-encoding", "identity")
    guard let key else { return }
    // The vendor itself takes keys of its console in a field of their own; everybody else reads the usual one.
    if upstream.messagesURL.host == "api.anthropic.com", key.hasPrefix("sk-ant-api") {
      fields.set("x-api-key", key)
    } else {
      fields.set("authorization", "Bearer \(key)")
    }
  }
}
