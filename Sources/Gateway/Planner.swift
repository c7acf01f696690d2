package import Dialogue
internal import Settings
package import Wire

/// Works out what a request becomes, once its body is here.
package struct Planner: Sendable {
  package enum Outcome {
    case send(RequestPlan)
    /// The daemon answers by itself; no upstream is asked.
    case answer(HTTPAnswer)
  }

  private let snapshot: Snapshot
  /// For requests that come without one.
  private let userAgent: String

  package init(_ snapshot: Snapshot, userAgent: String) {
    self.snapshot = snapshot
    self.userAgent = userAgent
  }

  /// `remembered` finds what an upstream wants back with a call of the client's earlier turns.
  package func plan(
    _ errand: Errand, _ head: RequestHead, _ body: [UInt8], _ surroundings: inout Surroundings,
    remembered: (String) -> [UInt8]? = { _ in nil }
  ) throws(ErrorReply) -> Outcome {
    let document = try Self.document(body)
    guard errand.dialect != errand.client else {
      return .send(self.relayed(errand, head, body))
    }
    do throws(Refusal) {
      let outcome = try Translation.request(
        document, from: errand.client, to: self.profile(of: errand, document.root["model"]?.string),
        settings: self.translationSettings, remembered: remembered)
      switch outcome {
      case .send(let body): return .send(self.translated(errand, body))
      case .answer(_, let context): return .answer(Translation.prewarmAnswer(context, &surroundings))
      }
    } catch {
      throw ErrorReply(error)
    }
  }

  /// A request in the upstream's own protocol: the body goes out as it came.
  private func relayed(_ errand: Errand, _ head: RequestHead, _ body: [UInt8]) -> RequestPlan {
    RequestPlan(
      upstream: errand.upstream.name,
      url: errand.upstream.url(path: head.path, clientQuery: head.query),
      headerLines: UpstreamHeaders.relaying(head.fields, userAgent: self.userAgent).finished(key: errand.key),
      body: body, reply: .relayed, losses: Losses(),
      retries: self.retries(of: errand, coveringStatuses: false))
  }

  private func translated(_ errand: Errand, _ body: Translation.Body) -> RequestPlan {
    let headers = UpstreamHeaders.translated(
      to: errand.dialect, isStreaming: body.isStreaming, userAgent: self.userAgent)
    return RequestPlan(
      upstream: errand.upstream.name, url: errand.upstream.url(path: "", clientQuery: nil),
      headerLines: headers.finished(key: errand.key), body: body.bytes, reply: .translated(body.context),
      losses: body.losses, retries: self.retries(of: errand, coveringStatuses: true))
  }

  /// Statuses are only tried again with the server's own key at an upstream that speaks Chat Completions.
  private func retries(of errand: Errand, coveringStatuses: Bool) -> RetryAllowance {
    guard errand.upstream != .demo else { return .none }
    let covers = coveringStatuses && errand.dialect == .chat && errand.upstream.keyMode == .serverKey
    return RetryAllowance(2, coversStatuses: covers)
  }

  private func profile(of errand: Errand, _ model: String?) -> Profile {
    switch errand.upstream {
    case .openAI(let upstream):
      ProfileTable.chatProfile(host: upstream.chatCompletionsURL.host, model: model)
    case .anthropic: ProfileTable.messagesProfile(model: model)
    case .demo: ProfileTable.standard(for: errand.dialect)
    }
  }

  private var translationSettings: TranslationSettings {
    var settings = TranslationSettings()
    settings.remembersState = true
    return settings
  }

  private static func document(_ body: [UInt8]) throws(ErrorReply) -> JSONDocument {
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(body)
    } catch {
      throw ErrorReply(
        status: error.reason == .tooLarge ? 413 : 400, message: "The body is no valid JSON: \(error).",
        code: "invalid_json")
    }
    guard document.root.kind == .object else {
      throw ErrorReply(status: 400, message: "The body is JSON, but not an object.", code: "invalid_json")
    }
    return document
  }
}
