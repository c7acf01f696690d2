package import Settings
package import Wire

/// Lets web pages call, as far as the operator wants that.
package struct CrossOrigin: Sendable {
  /// What a page may read of a reply's head beside the usual.
  private static let exposed =
    "request-id, x-request-id, retry-after, x-proxy-request-id, x-proxy-dropped, x-proxy-changed,"
    + " x-proxy-count"
  private static let maxAgeSeconds = 600

  private let messages: CrossOriginSettings
  private let chatCompletions: CrossOriginSettings
  /// For everything that is no inference.
  private let pages: CrossOriginSettings

  package init(_ settings: Settings) {
    let plan = settings.plan
    self.messages = Self.policy(settings, [plan.messages])
    self.chatCompletions = Self.policy(settings, [plan.chatCompletions])
    self.pages = Self.policy(settings, [plan.messages, plan.chatCompletions])
  }

  /// What any reply to this request says to a browser; `route` is nil where there is none.
  package func fields(_ request: HeaderFields, for route: Route?) -> HeaderFields {
    var fields = HeaderFields()
    let policy = self.policy(for: route)
    if policy == .none { return fields }
    let origin = request.value(of: "origin")
    switch policy {
    case .none, .byKeys: return fields
    case .all:
      fields.append(name: "access-control-allow-origin", value: origin ?? "*")
      if origin == nil { return fields }
    case .listed(let origins):
      // Another origin's reply differs in this field.
      guard let origin, origins.contains(origin) else {
        fields.append(name: "vary", value: "Origin")
        return fields
      }
      fields.append(name: "access-control-allow-origin", value: origin)
    }
    fields.append(name: "vary", value: "Origin")
    fields.append(name: "access-control-expose-headers", value: Self.exposed)
    return fields
  }

  /// What an answer to OPTIONS says beside them. It needs no key: a browser asks before it has leave to send one.
  package func preflight(_ request: HeaderFields, allowed methods: String, for route: Route?) -> HeaderFields
  {
    var fields = HeaderFields()
    fields.append(name: "allow", value: "\(methods), OPTIONS")
    guard request.contains("access-control-request-method"),
      self.fields(request, for: route).contains("access-control-allow-origin")
    else { return fields }
    fields.append(name: "access-control-allow-methods", value: "\(methods), OPTIONS")
    if let asked = request.value(of: "access-control-request-headers"), !asked.isEmpty {
      fields.append(name: "access-control-allow-headers", value: asked)
    }
    fields.append(name: "access-control-max-age", value: "\(Self.maxAgeSeconds)")
    return fields
  }

  private func policy(for route: Route?) -> CrossOriginSettings {
    switch route {
    case .messages, .countTokens: self.messages
    case .chatCompletions: self.chatCompletions
    case _: self.pages
    }
  }

  private static func policy(_ settings: Settings, _ choices: [UpstreamChoice?]) -> CrossOriginSettings {
    guard settings.crossOrigin == .byKeys else { return settings.crossOrigin }
    let isKeyed = choices.allSatisfy { choice in
      switch choice?.keyMode {
      case .serverKey: settings.clients.areKeysChecked
      case .dynamic, .forward: true
      case nil: false
      }
    }
    return isKeyed ? .all : .none
  }
}
