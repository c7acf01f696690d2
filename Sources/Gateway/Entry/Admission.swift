package import Settings
package import Wire

/// Decides who may call, before a byte of the body is read.
package enum Admission {
  /// The key that goes upstream: nil when the upstream is called without one.
  package static func admit(
    _ key: [UInt8]?, to upstream: UpstreamChoice, _ clients: ClientSettings
  ) throws(ErrorReply) -> String? {
    switch upstream.keyMode {
    case .serverKey:
      try Self.checkListed(key, clients)
      return upstream.serverKey?.revealed
    case .dynamic:
      guard let key else { throw Self.missing }
      guard key.isPrintable else { throw Self.invalid }
      if clients.anthropicKey != nil, !key.starts(with: "sk-".utf8) { throw Self.invalid }
      return String(decoding: key, as: UTF8.self)
    case .forward:
      guard let key else { throw Self.missing }
      guard key.isPrintable else { throw Self.invalid }
      if key.contains("sk-ant-") { throw Self.foreign }
      return String(decoding: key, as: UTF8.self)
    }
  }

  /// Whether a caller may see how the daemon is configured and how it is doing.
  package static func maySeeInside(
    _ fields: HeaderFields, _ settings: Settings, on role: ListenerRole
  ) -> Bool {
    if role == .admin { return true }
    guard let key = ClientCredential.find(in: fields) else { return false }
    // Where clients bring their own keys, nobody knows which are good: only listed ones open anything.
    let modes = [settings.plan.messages, settings.plan.chatCompletions].compactMap { $0?.keyMode }
    let isStatic = modes.allSatisfy { $0 == .serverKey }
    return isStatic ? settings.clients.accepts(key) : settings.clients.isListed(key)
  }

  private static func checkListed(_ key: [UInt8]?, _ clients: ClientSettings) throws(ErrorReply) {
    guard clients.areKeysChecked else { return }
    guard let key, clients.accepts(key) else { throw Self.invalid }
  }

  private static let missing = ErrorReply(
    status: 401, message: "Send your upstream key as `x-api-key` or as `Authorization: Bearer`.",
    code: "missing_api_key", leadsMessage: true)
  static let invalid = ErrorReply(
    status: 401,
    message: "Invalid API key. Send one that is accepted here as `x-api-key` or as `Authorization: Bearer`.",
    code: "invalid_api_key")
  private static let foreign = ErrorReply(
    status: 401, message: "A key of Anthropic's is not sent to this upstream.", code: "invalid_auth_token",
    leadsMessage: true)
}

extension UpstreamChoice {
  fileprivate var serverKey: Secret? {
    switch self {
    case .demo: nil
    case .anthropic(let upstream): upstream.key
    case .openAI(let upstream): upstream.key
    }
  }
}

extension [UInt8] {
  /// Whether it can stand in a header field as it is.
  fileprivate var isPrintable: Bool { self.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }

  fileprivate func contains(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard self.count >= wanted.count else { return false }
    return (0...(self.count - wanted.count)).contains { self[$0..<$0 + wanted.count].elementsEqual(wanted) }
  }
}
