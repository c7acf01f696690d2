/// A header field the operator adds. Its value may be a key, so it never prints.
package struct HeaderSetting: Sendable, Equatable {
  package let name: String
  /// nil = the field is not sent.
  package let value: Secret?

  package init(name: String, value: Secret?) {
    self.name = name
    self.value = value
  }

  /// Fields that frame a message or belong to one hop: nobody but the HTTP library may set them.
  private static let framing = [
    "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding",
    "upgrade",
  ]

  /// A token of RFC 9110 that is not the HTTP library's business.
  static func mayBeSet(_ name: String) -> Bool {
    !name.isEmpty && !Self.framing.contains(name.lowercased())
      && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
  }

  static func isValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
  }
}

/// The header fields that requests to upstreams carry beside the protocol's own.
package struct HeaderSettings: Sendable, Equatable {
  // To the Anthropic-speaking upstream; empty = the field is not sent.
  package var anthropicVersion = "2023-06-01"
  package var anthropicBeta =
    "interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14"
  package var dangerousDirectBrowserAccess = "true"
  package var xApp = "cli"
  /// nil = the daemon's own name and version.
  package var userAgent: String?
  package var extra: [HeaderSetting] = []
  /// To the OpenAI-speaking upstream, over everything else.
  package var custom: [HeaderSetting] = []
}
