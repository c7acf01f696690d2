package import Wire

/// What an upstream's request is made from, so that it can be made once more when the upstream has refused it.
package final class RequestSource {
  private let bytes: [UInt8]
  private let client: Dialect
  private let profile: Profile
  private let model: String?
  private let settings: TranslationSettings
  private let remembered: (String) -> [UInt8]?

  /// Each costs a translation, and a refusal may be long.
  private static let mostAttempts = 8

  package init(
    _ document: JSONDocument, from client: Dialect, to profile: Profile, model: String? = nil,
    settings: TranslationSettings = TranslationSettings(), curedOf remedies: [Remedy] = [],
    remembered: @escaping (String) -> [UInt8]? = { _ in nil }
  ) {
    self.bytes = document.bytes
    self.client = client
    self.model = model
    self.remembered = remembered
    // Most have none.
    if remedies.isEmpty {
      (self.profile, self.settings) = (profile, settings)
    } else {
      var (cured, changed) = (profile, settings)
      for remedy in remedies { remedy.apply(to: &cured, &changed) }
      (self.profile, self.settings) = (cured, changed)
    }
  }

  package func request(_ document: JSONDocument) throws(Refusal) -> Translation.Outcome {
    try Translation.request(
      document, from: self.client, to: self.profile, model: self.model, settings: self.settings,
      remembered: self.remembered)
  }

  /// The request without what the upstream complains of; nil: the complaint names nothing that was sent and may be
  /// missing, or more than one such thing.
  package func mended(
    after failure: Failure, saying body: [UInt8], sent: [UInt8]
  ) -> (remedy: Remedy, request: Translation.Body)? {
    guard let complaint = Complaint(failure, body), let document = try? JSONDocument(self.bytes) else {
      return nil
    }
    var tried: [String: Translation.Body?] = [:]
    for paths in complaint.places {
      var found: (remedy: Remedy, request: Translation.Body)?
      for path in paths {
        for name in path {
          guard let remedy = complaint.remedy(for: name, self.profile.dialect) else { continue }
          if tried[remedy.field] == nil {
            guard tried.count < Self.mostAttempts else { return found }
            tried[remedy.field] = .some(self.request(document, curedOf: remedy, unlike: sent))
          }
          guard let request = tried[remedy.field] ?? nil else { continue }
          if let found, found.request.bytes != request.bytes { return nil }
          found = found ?? (remedy, request)
          break
        }
      }
      if let found { return found }
    }
    return nil
  }

  private func request(
    _ document: JSONDocument, curedOf remedy: Remedy, unlike sent: [UInt8]
  ) -> Translation.Body? {
    var (profile, settings) = (self.profile, self.settings)
    guard remedy.apply(to: &profile, &settings),
      case .send(let body)? = try? Translation.request(
        document, from: self.client, to: profile, model: self.model, settings: settings,
        remembered: self.remembered),
      body.bytes != sent
    else { return nil }
    return body
  }
}

extension Translation.Body {
  /// Without members of the root that are of no use to the upstream.
  func leavingOut(_ names: [String]) -> Translation.Body {
    guard !names.isEmpty, let document = try? JSONDocument(self.bytes) else { return self }
    var losses = self.losses
    var json = JSONWriter()
    json.reserve(document.bytes.count)
    json.beginObject()
    for member in document.root.members {
      if let name = names.first(where: { member.key.matches(text: $0) }) {
        losses.add(.dropped, path: name, because: "the upstream does not take it")
      } else {
        json.key(text: member.name)
        json.raw(member.value)
      }
    }
    json.endObject()
    return Translation.Body(
      writer: json, context: self.context, losses: losses, isStreaming: self.isStreaming)
  }
}
