package import Settings
package import Wire

/// Lets web pages call, as far as the operator wants that.
package struct CrossOrigin: Sendable {
  /// What a page may read of a reply's head beside the usual.
  private static let exposed =
    "request-id, x-request-id, retry-after, x-proxy-request-id, x-proxy-dropped, x-proxy-changed"
  private static let maxAgeSeconds = 600

  private let setting: CrossOriginSettings
  private let areKeysChecked: Bool
  private let choices: [UpstreamChoice]

  package init(_ settings: Settings) {
    self.setting = settings.crossOrigin
    self.areKeysChecked = settings.clients.areKeysChecked
    self.choices = [settings.plan.messages, settings.plan.chatCompletions].compactMap { $0 }
  }

  /// What any reply to this request says to a browser; `upstream` is that of the request's route, nil for a page.
  package func fields(_ request: HeaderFields, for upstream: UpstreamChoice?) -> HeaderFields {
    var fields = HeaderFields()
    let origin = request.value(of: "origin")
    switch self.policy(for: upstream) {
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

  /// The answer to OPTIONS, which needs no key: a browser asks before it has leave to send one.
  package func preflight(
    _ request: HeaderFields, allowed methods: String, for upstream: UpstreamChoice?
  ) -> HeaderFields {
    var fields = self.fields(request, for: upstream)
    let isGranted = fields.contains("access-control-allow-origin")
    fields.removeAll("access-control-expose-headers")
    fields.append(name: "allow", value: "\(methods), OPTIONS")
    guard isGranted, request.contains("access-control-request-method") else { return fields }
    fields.append(name: "access-control-allow-methods", value: "\(methods), OPTIONS")
    if let asked = request.value(of: "access-control-request-headers"), !asked.isEmpty {
      fields.append(name: "access-control-allow-headers", value: asked)
    }
    fields.append(name: "access-control-max-age", value: "\(Self.maxAgeSeconds)")
    return fields
  }

  private func policy(for upstream: UpstreamChoice?) -> CrossOriginSettings {
    guard self.setting == .byKeys else { return self.setting }
    let asked = upstream.map { [$0] } ?? self.choices
    let isKeyed = asked.allSatisfy { choice in
      switch choice.keyMode {
      case .serverKey: self.areKeysChecked
      case .dynamic, .forward: true
      }
    }
    return isKeyed && !asked.isEmpty ? .all : .none
  }
}
