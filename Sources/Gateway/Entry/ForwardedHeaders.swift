package import Wire

/// Which of a client's header fields go upstream, and which of an upstream's come back.
package enum ForwardedHeaders {
  /// All but those of one hop, of this host, of the body's framing, of credentials and of proxies in front.
  package static func passes(_ name: Span<UInt8>, _ fields: HeaderFields) -> Bool {
    !self.withheldFromUpstream.holds(name) && !name.startsLike("x-forwarded-") && !name.startsLike("proxy-")
      && !fields.isDeclaredOfOneHop(name)
  }

  /// An upstream's fields as its client gets them. The writer of the reply leaves out those of one hop.
  package static func reply(_ fields: HeaderFields) -> HeaderFields {
    var kept = HeaderFields()
    for index in fields.indices {
      if self.reachesClient(fields.name(at: index)) { kept.append(copying: fields, at: index) }
    }
    return kept
  }

  package static func reachesClient(_ name: Span<UInt8>) -> Bool {
    // Which pages may call this daemon is not the upstream's to say.
    !self.withheldFromClient.holds(name) && !name.startsLike("proxy-") && !name.startsLike("access-control-")
  }

  /// Said by this daemon of every event stream.
  static func asksForBuffering(_ name: Span<UInt8>) -> Bool {
    name.isLike("x-accel-buffering")
  }

  private static let withheldFromUpstream = NameList([
    "host", "content-length", "content-encoding", "accept-encoding", "expect", "connection", "keep-alive",
    "te", "trailer",
    "transfer-encoding", "upgrade", "cookie", "authorization", "x-api-key", "api-key", "forwarded",
    "x-real-ip", "via",
  ])

  /// Cookies would tie this client to the upstream's other callers; the rest speaks of the upstream's own hop.
  private static let withheldFromClient = NameList([
    "set-cookie", "server", "via", "alt-svc", "strict-transport-security", "nel", "report-to",
    "anthropic-organization-id", "openai-organization", "openai-project",
  ])
}

/// Field names to be found again in any case.
private struct NameList: Sendable {
  private let names: [[UInt8]]

  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
  }

  func holds(_ name: Span<UInt8>) -> Bool {
    for known in self.names where known.count == name.count && name.startsLike(known.span) { return true }
    return false
  }
}

extension Span<UInt8> {
  fileprivate func startsLike(_ prefix: StaticString) -> Bool {
    guard self.count >= prefix.utf8CodeUnitCount else { return false }
    return prefix.withUTF8Buffer { wanted in
      for index in 0..<wanted.count {
        let letter = unsafe wanted[index]
        if self[index] | 0x20 != letter | 0x20 { return false }
      }
      return true
    }
  }

  fileprivate func startsLike(_ prefix: Span<UInt8>) -> Bool {
    for index in prefix.indices where self[index] | 0x20 != prefix[index] | 0x20 { return false }
    return true
  }
}
