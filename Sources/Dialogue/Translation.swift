package import Wire

/// A request on its way from a client's protocol to an upstream's.
package enum Translation {
  /// What became of a client's request.
  package enum Outcome {
    /// The upstream's body, with everything its answer will need.
    case send(Body)
    /// The daemon answers by itself; no upstream is asked.
    indirect case answer(Dialogue, ReplyContext)
  }

  /// A body in pieces: its own bytes and slices of the client's.
  package final class Body {
    package let writer: JSONWriter
    package let context: ReplyContext
    package let losses: Losses
    /// Whether the client wants a stream.
    package let isStreaming: Bool

    init(writer: JSONWriter, context: ReplyContext, losses: Losses, isStreaming: Bool) {
      self.writer = writer
      self.context = context
      self.losses = losses
      self.isStreaming = isStreaming
    }

    package var bytes: [UInt8] { self.writer.joined }
  }

  /// Reads a client's request in its own protocol.
  package static func read(_ document: JSONDocument, from client: Dialect) throws(Refusal) -> Dialogue {
    switch client {
    case .messages: try Messages.RequestReader.read(document)
    case .chat: try ChatCompletions.RequestReader.read(document)
    }
  }

  /// Refuses what is no Messages request; one that is only counted needs no limit and may have nothing to answer.
  package static func checkCountable(_ document: JSONDocument) throws(Refusal) {
    _ = try Messages.RequestReader.read(document, isToBeAnswered: false)
    for name: StaticString in ["model", "messages"] where document.root.present(name) == nil {
      throw Refusal("`\(name)` is required.", param: "\(name)", code: "missing_required_parameter")
    }
  }

  /// Turns a client's request into the upstream's; `model` is the upstream's name for the model, nil = the same.
  package static func request(
    _ document: JSONDocument, from client: Dialect, to profile: Profile, model: String? = nil,
    settings: TranslationSettings = TranslationSettings(), remembered: (String) -> [UInt8]? = { _ in nil }
  ) throws(Refusal) -> Outcome {
    if client == profile.dialect {
      if profile.isNormalised, client == .chat,
        let body = try? self.normalised(document, profile, model, settings)
      {
        return .send(body.leavingOut(settings.leftOut))
      }
      return .send(try self.passThrough(document, client, profile, model, settings))
    }
    let dialogue = try self.read(document, from: client)
    try self.check(dialogue, client)
    if settings.refusesLosses { try self.checkVersion(dialogue, client, settings.clientVersion) }
    var context = ReplyContext(client: client, profile: profile, model: dialogue.model ?? "")
    context.isStreaming = dialogue.isStreaming
    context.wantsUsage = dialogue.wantsUsage
    context.isLegacy = dialogue.isLegacy
    context.showsReasoning = settings.exposesReasoning && dialogue.reasoning.isShown != false
    context.envelopeKeys = settings.envelopeKeys
    context.remembersState = settings.remembersState
    if dialogue.maxTokens?.content == 0 { return .answer(dialogue, context) }
    guard let name = model ?? dialogue.model, !name.isEmpty else {
      throw Refusal("`model` is required.", param: "model", code: "missing_required_parameter")
    }
    if context.model.isEmpty { context.model = name }
    var body: Body
    switch profile.dialect {
    case .messages:
      if settings.returnsThoughts { self.restoreThoughts(in: dialogue, remembered) }
      Repair.apply(.sanitised, to: dialogue)
      var writer = Messages.RequestWriter(dialogue, model: name, context: context, settings: settings)
      try writer.write()
      body = Body(
        writer: writer.writer, context: writer.context, losses: writer.losses,
        isStreaming: context.isStreaming)
    case .chat:
      self.restoreSignatures(in: dialogue, profile, remembered)
      Repair.apply(profile.row.chat.idRule, to: dialogue)
      var writer = ChatCompletions.RequestWriter(dialogue, model: name, context: context, settings: settings)
      try writer.write()
      body = Body(
        writer: writer.writer, context: writer.context, losses: writer.losses,
        isStreaming: context.isStreaming)
    }
    body = body.leavingOut(settings.leftOut)
    if settings.refusesLosses, let loss = body.losses.inOrder.first(where: { $0.action == .dropped }) {
      throw Refusal(
        "`\(loss.path)` cannot be sent: \(loss.reason).", param: loss.path, code: "unsupported_parameter")
    }
    return .send(body)
  }

  /// Same protocol, another dialect: what vendors spell differently is spelled anew (matrix G1). A request that
  /// holds more than is known here goes out as it came, for it may be the vendor's own.
  private static func normalised(
    _ document: JSONDocument, _ profile: Profile, _ model: String?, _ settings: TranslationSettings
  ) throws(Refusal) -> Body {
    let dialogue = try ChatCompletions.RequestReader.read(document, isKept: true)
    guard !dialogue.hasLostTools, let own = dialogue.model, let name = model ?? dialogue.model else {
      throw Refusal("")
    }
    var answering = profile
    // Several answers are more than a rebuilt one can hold.
    if let count = document.root["n"]?.integer, count > 1 { answering.isNormalised = false }
    var context = ReplyContext(client: .chat, profile: answering, model: own)
    context.renamesModel = name != own
    context.isStreaming = dialogue.isStreaming
    context.wantsUsage = dialogue.wantsUsage
    context.isLegacy = dialogue.isLegacy
    context.showsReasoning = settings.exposesReasoning
    context.envelopeKeys = settings.envelopeKeys
    Repair.apply(profile.row.chat.idRule, to: dialogue)
    var writer = ChatCompletions.RequestWriter(dialogue, model: name, context: context, settings: settings)
    try writer.write()
    return Body(
      writer: writer.writer, context: writer.context, losses: writer.losses,
      isStreaming: dialogue.isStreaming)
  }

  /// Puts an upstream's signed thoughts back in front of the turn whose calls came with them (matrix B-think-4).
  private static func restoreThoughts(in dialogue: Dialogue, _ remembered: (String) -> [UInt8]?) {
    for index in dialogue.turns.indices where dialogue.turns[index].role == .assistant {
      var state: [UInt8]?
      for call in dialogue.turns[index].calls where state == nil { state = remembered(call.id) }
      guard let state, let blocks = try? JSONDocument(state), blocks.root.kind == .array
      else { continue }
      dialogue.turns[index].parts.removeAll { if case .reasoning = $0 { true } else { false } }
      let thoughts = blocks.root.elements.map {
        Part.reasoning(Reasoning(text: Text(literal: ""), proof: .none, value: $0, isRestored: true))
      }
      dialogue.turns[index].parts.insert(contentsOf: thoughts, at: 0)
    }
  }

  private static func restoreSignatures(
    in dialogue: Dialogue, _ profile: Profile, _ remembered: (String) -> [UInt8]?
  ) {
    guard profile.row.chat.needsThoughtSignature else { return }
    for index in dialogue.turns.indices {
      dialogue.turns[index].parts = dialogue.turns[index].parts.map { part in
        guard case .call(var call) = part, let state = remembered(call.id),
          let extra = try? JSONDocument(state), extra.root.kind == .object
        else { return part }
        call.extra = extra.root
        return .call(call)
      }
    }
  }

  private static func check(_ dialogue: Dialogue, _ client: Dialect) throws(Refusal) {
    if let limit = dialogue.maxTokens {
      guard limit.content >= 0, limit.content > 0 || client == .messages else {
        let words = "`\(limit.value.path)` must be positive."
        guard client == .messages else { throw Refusal(limit.value, words, code: "invalid_value") }
        throw Refusal(limit.value, "invalid_max_tokens: \(words)", code: "invalid_max_tokens")
      }
      if limit.content == 0 { try self.checkPrewarm(dialogue) }
    } else if client == .messages {
      throw Refusal("`max_tokens` is required.", param: "max_tokens", code: "missing_required_parameter")
    }
    // Each may have to be looked for at every character of an answer.
    if dialogue.stops.count > 64, let stop = dialogue.stops.last {
      throw Refusal(stop.value, "No more than 64 stop sequences are possible.")
    }
    guard !dialogue.turns.isEmpty else {
      throw Refusal("`messages` is required.", param: "messages", code: "missing_required_parameter")
    }
  }

  /// What Anthropic refuses since that version is refused on its behalf, whatever the upstream takes (matrix A1).
  private static func checkVersion(
    _ dialogue: Dialogue, _ client: Dialect, _ version: String?
  ) throws(Refusal) {
    let sampling = dialogue.sampling
    guard client == .messages, let version, version >= "2026-10-21",
      let value = sampling.temperature ?? sampling.topP ?? sampling.topK
    else { return }
    throw Refusal(value, "`\(value.path)` is not taken under anthropic-version \(version).")
  }

  /// Matrix A-maxtok-2: nothing that needs an answer goes with a limit of 0.
  private static func checkPrewarm(_ dialogue: Dialogue) throws(Refusal) {
    var isForced = false
    switch dialogue.toolChoice?.kind {
    case .any, .named, .allowed(_, isForced: true): isForced = true
    case .auto, nil, .none?, .allowed(_, isForced: false): break
    }
    var isThinking = false
    switch dialogue.reasoning.mode?.content {
    case .budget, .adaptive: isThinking = true
    case .disabled, nil: break
    }
    if dialogue.isStreaming || isThinking || isForced || dialogue.format != nil {
      throw Refusal(
        "`max_tokens` of 0 cannot stand with streaming, thinking, an output format or a forced tool.",
        param: "max_tokens")
    }
  }

  /// Same protocol: the client's bytes, but for the model's name.
  private static func passThrough(
    _ document: JSONDocument, _ client: Dialect, _ profile: Profile, _ model: String?,
    _ settings: TranslationSettings
  ) throws(Refusal) -> Body {
    let root = try document.root.expect(.object)
    let own = root.present("model")
    var context = ReplyContext(client: client, profile: profile, model: try own?.name() ?? "")
    context.isStreaming = root["stream"]?.bool ?? false
    context.wantsUsage = root["stream_options"]?["include_usage"]?.bool ?? (client == .messages)
    context.showsReasoning = settings.exposesReasoning
    context.envelopeKeys = settings.envelopeKeys
    var writer = JSONWriter(splicingFrom: document, threshold: 1)
    if let own, let model, !own.matches(text: model) {
      let end = own.slice.range.upperBound
      writer.fragment(document, JSONSlice(offset: 0, count: own.slice.offset))
      writer.string(model)
      context.renamesModel = true
      writer.fragment(document, JSONSlice(offset: end, count: document.bytes.count - end))
    } else {
      writer.fragment(document, JSONSlice(offset: 0, count: document.bytes.count))
    }
    return Body(writer: writer, context: context, losses: Losses(), isStreaming: context.isStreaming)
  }
}
