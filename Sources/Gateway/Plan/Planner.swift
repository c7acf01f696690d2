package import Dialogue
internal import Settings
package import Wire

/// Works out what a request becomes, once its body is here.
package final class Planner: Sendable {
  package enum Outcome {
    case send(RequestPlan)
    /// The daemon answers by itself; no upstream is asked.
    case answer(HTTPAnswer)
    /// What becomes of it depends on its number of tokens; `resume` goes on with that.
    case count(UnfinishedPlan)
  }

  let settings: Settings
  let names: ModelNames
  let budget: TokenBudget
  private let checks: RequestChecks
  private let profiles: ProfileChoice
  private let messagesHeaders: MessagesHeaders
  private let chatHeaders: ChatHeaders
  /// Where all translated requests go, unless each model has its own place.
  private let chatURL: String?
  private let userAgent: String
  /// What the operator's settings mean for every translation.
  let usualSettings: TranslationSettings

  /// `userAgent` is for requests that come without one.
  package init(_ snapshot: Snapshot, userAgent: String) {
    let settings = snapshot.settings
    self.settings = settings
    self.names = ModelNames(settings.models)
    self.budget = TokenBudget(settings.budget, settings.models)
    self.checks = RequestChecks(settings.limits)
    self.profiles = ProfileChoice(settings.translation, settings.plan)
    self.messagesHeaders = MessagesHeaders(settings.headers, userAgent: userAgent)
    let upstream = settings.plan.openAI
    self.chatHeaders = ChatHeaders(settings.headers, userAgent: userAgent, usually: upstream)
    self.chatURL = upstream?.azure?.isPerModel == true ? nil : upstream?.chatCompletionsURL.description
    self.userAgent = userAgent
    self.usualSettings = Self.translationSettings(settings)
  }

  /// `remembered` finds what an upstream wants back with a call of the client's earlier turns.
  package func plan(
    _ errand: Errand, _ head: RequestHead, _ body: [UInt8], _ surroundings: inout Surroundings,
    facts: UpstreamFacts = UpstreamFacts(), remembered: @escaping (String) -> [UInt8]? = { _ in nil }
  ) throws(ErrorReply) -> Outcome {
    let document = try Self.document(body)
    if errand.route == .countTokens { return try self.countOnly(errand, head, document, facts) }
    if errand.route == .messages {
      if let fault = self.checks.fault(in: document.root) { throw fault }
      if errand.dialect != .messages, let fault = RequestChecks.emptiness(of: document.root) { throw fault }
    }
    guard errand.upstream != .demo else { return .send(self.toDemo(errand, head, body)) }
    let draft = self.draft(errand, document, facts)
    if draft.isLeftAlone { return .send(self.relayed(errand, head, body, draft)) }
    do throws(Refusal) {
      if errand.dialect != errand.client {
        try self.settleTokens(draft, errand, head.query)
        if errand.client == .chat, draft.tokenCeiling == nil {
          return .count(UnfinishedPlan(countable: draft.countable, purpose: .budget(draft)))
        }
      }
      return try self.translate(draft, errand, head, facts, remembered)
    } catch {
      throw ErrorReply(error)
    }
  }

  func translate(
    _ draft: Draft, _ errand: Errand, _ head: RequestHead, _ facts: UpstreamFacts,
    _ remembered: @escaping (String) -> [UInt8]?
  ) throws(Refusal) -> Outcome {
    var settings = self.usualSettings
    settings.maxTokensCeiling = draft.tokenCeiling
    settings.userID = facts.userID
    if settings.refusesLosses { settings.clientVersion = head.fields.value(of: "anthropic-version") }
    let model = draft.notes.sentModel
    let drops = facts.drops.isEmpty ? [] : facts.drops.fields(for: model ?? "")
    let source = RequestSource(
      draft.document, from: errand.client, to: draft.profile, model: model, settings: settings,
      curedOf: drops.map { Remedy($0) }, remembered: remembered)
    switch try source.request(draft.document) {
    case .send(let made): return .send(self.plan(errand, head, made, draft, source))
    case .answer(_, let context):
      return .count(UnfinishedPlan(countable: draft.countable, purpose: .prewarm(context)))
    }
  }

  /// What is known of a request before it is translated.
  final class Draft {
    var document: JSONDocument
    let profile: Profile
    var notes: PlanNotes
    var tokenCeiling: Int?
    var losses = Losses()
    /// What the daemon puts in front.
    let prompt: String

    init(_ document: JSONDocument, _ profile: Profile, _ notes: PlanNotes, prompt: String) {
      self.document = document
      self.profile = profile
      self.notes = notes
      self.prompt = prompt
    }

    var countable: Countable {
      Countable(request: self.document, model: self.notes.sentModel ?? "", prompt: self.prompt)
    }

    /// The body goes out as it came, and so does the reply.
    var isLeftAlone: Bool {
      !self.notes.isTranslated && !self.profile.isNormalised
        && (self.notes.askedModel == nil || self.notes.askedModel == self.notes.sentModel)
    }
  }

  func draft(_ errand: Errand, _ document: JSONDocument, _ facts: UpstreamFacts) -> Draft {
    let asked = document.root.present("model")?.string ?? errand.deployment
    var notes = PlanNotes()
    let profile: Profile
    let name: ModelNames.Choice
    switch errand.upstream {
    case .openAI(let upstream):
      name = self.names.chat(asked, from: errand.client, to: upstream, listed: facts.spelling)
      (profile, notes.profileRule) = self.profiles.chat(
        upstream, model: name.name, published: facts.models?.profileName)
    case .anthropic, .demo:
      name = self.names.messages(asked, from: errand.client)
      (profile, notes.profileRule) =
        errand.client == .messages
        ? self.profiles.relayedMessages() : self.profiles.messages(model: name.name)
    }
    notes.askedModel = asked
    notes.sentModel = name.name
    notes.nameRule = name.rule
    notes.isTranslated = errand.client != errand.dialect
    if notes.isTranslated || profile.isNormalised { notes.profile = profile.name }
    let hasPrompt = notes.isTranslated && errand.client == .chat
    return Draft(
      document, profile, notes, prompt: hasPrompt ? self.settings.translation.systemPrompt : "")
  }

  private func relayed(
    _ errand: Errand, _ head: RequestHead, _ body: [UInt8], _ draft: Draft
  ) -> RequestPlan {
    RequestPlan(
      upstream: errand.upstream.name,
      url: errand.upstream.url(
        path: head.path, model: draft.notes.sentModel, clientQuery: Self.passingQuery(of: head)),
      headerLines: self.headerLines(errand, head, isTranslated: false, isStreaming: false),
      body: body, reply: .relayed, losses: Losses(),
      retries: self.retries(of: errand, coveringStatuses: false), notes: draft.notes)
  }

  private func plan(
    _ errand: Errand, _ head: RequestHead, _ made: Translation.Body, _ draft: Draft, _ source: RequestSource
  ) -> RequestPlan {
    let isTranslated = draft.notes.isTranslated
    let isRebuilt = isTranslated || draft.profile.isNormalised
    var losses = made.losses
    losses.add(draft.losses)
    let context = made.context.counted(isRebuilt, bytesPerToken: Self.bytesPerToken)
    let body = made.bytes
    let plan = RequestPlan(
      upstream: errand.upstream.name,
      url: isTranslated
        ? self.url(errand, draft)
        : errand.upstream.url(
          path: head.path, model: draft.notes.sentModel, clientQuery: Self.passingQuery(of: head)),
      headerLines: self.headerLines(
        errand, head, isTranslated: isTranslated, isStreaming: made.isStreaming),
      body: body,
      reply: isRebuilt ? .translated(context) : .renamed(context),
      losses: losses, retries: self.retries(of: errand, coveringStatuses: isTranslated), notes: draft.notes,
      countable: isRebuilt && (context.wantsUsage || !context.isStreaming) ? draft.countable : nil)
    // Without a field is not the whole request.
    if isRebuilt, self.settings.translation.losses != .refuse {
      plan.secondTry = SecondTry(source, sent: body, losses: draft.losses)
    }
    return plan
  }

  /// Of a stream's text, which is not kept to be counted: English prose has four and a half.
  private static let bytesPerToken = 4

  /// Answers in either protocol, and takes everything as it is.
  private func toDemo(_ errand: Errand, _ head: RequestHead, _ body: [UInt8]) -> RequestPlan {
    var fields = OutboundFields(relaying: head.fields)
    fields.complete(userAgent: self.userAgent)
    fields.set("accept-encoding", "identity")
    if let key = errand.key { fields.set("authorization", "Bearer \(key)") }
    return RequestPlan(
      upstream: .demo,
      url: errand.upstream.url(
        path: AzurePath.isSpoken(in: head.path) ? errand.route.path : head.path, model: nil,
        clientQuery: Self.passingQuery(of: head)),
      headerLines: fields.lines, body: body, reply: .relayed, losses: Losses(), retries: .none,
      notes: PlanNotes())
  }

  /// Of what is translated: nothing the client asked for stands behind the path.
  private func url(_ errand: Errand, _ draft: Draft) -> String {
    if errand.dialect == .chat, let url = self.chatURL { return url }
    return errand.upstream.url(path: "", model: draft.notes.sentModel, clientQuery: nil)
  }

  func headerLines(
    _ errand: Errand, _ head: RequestHead, isTranslated: Bool, isStreaming: Bool
  ) -> [[UInt8]] {
    if isTranslated, errand.dialect == .chat,
      let lines = self.chatHeaders.usualLines(key: errand.key, isStreaming: isStreaming)
    {
      return lines
    }
    let fields =
      switch errand.upstream {
      case .openAI(let upstream):
        isTranslated
          ? self.chatHeaders.translated(to: upstream, key: errand.key, isStreaming: isStreaming)
          : self.chatHeaders.relayed(head.fields, to: upstream, key: errand.key)
      case .anthropic(let upstream):
        isTranslated
          ? self.messagesHeaders.translated(to: upstream, key: errand.key, isStreaming: isStreaming)
          : self.messagesHeaders.relayed(head.fields, to: upstream, key: errand.key)
      case .demo: OutboundFields(relaying: head.fields)
      }
    return fields.lines
  }

  /// Statuses are only tried again with the server's own key at an upstream that speaks Chat Completions.
  private func retries(of errand: Errand, coveringStatuses: Bool) -> RetryAllowance {
    let covers = coveringStatuses && errand.dialect == .chat && errand.upstream.keyMode == .serverKey
    return RetryAllowance(self.settings.resilience.retries, coversStatuses: covers)
  }

  /// Azure's clients name a version of Azure's interface, which is between them and this daemon.
  private static func passingQuery(of head: RequestHead) -> String? {
    AzurePath.isSpoken(in: head.path) ? nil : head.query
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
