package import Wire

/// A successful reply as the client gets it, and what is to be kept of it.
package struct TranslatedReply {
  package let answer: HTTPAnswer
  package let losses: Losses
  package let toolStates: [ToolState]
  /// What it cost, as the upstream says.
  package let usage: Usage?
  /// What it says in plain text, only where the upstream does not say what it cost.
  package var unpriced: [UInt8] = []
}

extension Translation {
  /// Turns an upstream's successful body, JSON or an event stream nobody asked for, into the client's.
  package static func reply(
    _ body: [UInt8], _ context: ReplyContext, _ surroundings: inout Surroundings
  ) throws(Failure) -> TranslatedReply {
    if context.client == context.profile.dialect, !context.profile.isNormalised {
      let named = ModelName.replace(in: body, context) ?? body
      let answer = HTTPAnswer(status: 200, headers: self.jsonHeaders, body: named)
      return TranslatedReply(answer: answer, losses: Losses(), toolStates: [], usage: nil)
    }
    var reply: Reply
    if let document = try? JSONDocument(body) {
      switch context.profile.dialect {
      case .chat: reply = try ChatCompletions.ReplyReader.read(document.root, context)
      case .messages: reply = try Messages.ReplyReader.read(document.root)
      }
    } else {
      reply = try self.collected(body, context)
    }
    StopScanner.cut(&reply, at: context.emulatedStops)
    let stated = reply.usage
    let isEstimated = stated == nil
    if isEstimated { reply.usage = context.estimate(input: context.inputEstimate, visibleBytes: body.count) }
    self.nameCalls(of: &reply, context.client, &surroundings)
    var answer = self.answer(reply, context, &surroundings, sizeHint: body.count)
    if isEstimated {
      let fields = answer.headers + [HTTPField("x-proxy-usage", "estimated")]
      answer = HTTPAnswer(status: answer.status, headers: fields, body: answer.body)
    }
    return TranslatedReply(
      answer: answer,
      losses: reply.losses,
      toolStates: context.remembersState ? self.toolStates(of: reply, context.client) : [],
      usage: stated, unpriced: isEstimated ? reply.plainText : [])
  }

  /// Gives each call the id its client will know it by, none twice.
  private static func nameCalls(of reply: inout Reply, _ client: Dialect, _ surroundings: inout Surroundings)
  {
    guard reply.hasCalls else { return }
    var used: Set<String> = []
    for index in reply.parts.indices {
      guard case .call(var call) = reply.parts[index] else { continue }
      switch client {
      case .messages: call.id = Messages.ReplyWriter.callID(call.id, &surroundings)
      case .chat: if call.id.isEmpty { call.id = surroundings.id("call_") }
      }
      call.id = Naming.unused(call.id, among: used)
      used.insert(call.id)
      reply.parts[index] = .call(call)
    }
  }

  private static func toolStates(of reply: Reply, _ client: Dialect) -> [ToolState] {
    guard reply.hasCalls else { return [] }
    var thoughts = JSONWriter()
    var states: [ToolState] = []
    thoughts.beginArray()
    for part in reply.parts {
      if case .reasoning(let text, let proof) = part { ReplyProof.write(proof, text, to: &thoughts) }
    }
    thoughts.endArray()
    for case .call(let call) in reply.parts {
      if client == .chat, thoughts.bytes.count > 2 {
        states.append(ToolState(call: call.id, state: thoughts.bytes))
      } else if client == .messages, let extra = call.value?.present("extra_content"), extra.kind == .object {
        states.append(ToolState(call: call.id, state: Array(extra.rawBytes)))
      }
    }
    return states
  }

  /// What an answer, or one event of a stream, says that it cost; added to what was known before.
  package static func usage(in document: JSONDocument, from dialect: Dialect, onto known: Usage?) -> Usage? {
    let root = document.root
    switch dialect {
    case .messages:
      let usage = root["message"]?.present("usage") ?? root.present("usage")
      return Messages.ReplyReader.usage(usage, onto: known) ?? known
    case .chat:
      let usage = root.present("usage") ?? root["x_groq"]?.present("usage")
      return ChatCompletions.ReplyReader.usage(usage) ?? known
    }
  }

  private static let jsonHeaders = [HTTPField("content-type", "application/json")]

  static func answer(
    _ reply: Reply, _ context: ReplyContext, _ surroundings: inout Surroundings, sizeHint: Int = 0
  ) -> HTTPAnswer {
    var writer = JSONWriter()
    writer.reserve(min(sizeHint, 64 << 10) + 256)
    switch context.client {
    case .messages: Messages.ReplyWriter.write(reply, context, &surroundings, to: &writer)
    case .chat: ChatCompletions.ReplyWriter.write(reply, context, &surroundings, to: &writer)
    }
    return HTTPAnswer(status: 200, headers: self.jsonHeaders, body: writer.takeBytes())
  }

  /// The answer the daemon gives to a request that only warms a cache (matrix A-maxtok-2).
  package static func prewarmAnswer(
    _ context: ReplyContext, _ surroundings: inout Surroundings
  ) -> HTTPAnswer {
    var reply = Reply()
    reply.stop = .maxTokens
    var usage = Usage()
    usage.input = context.inputEstimate
    reply.usage = usage
    return self.answer(reply, context, &surroundings)
  }

  private static func collected(_ body: [UInt8], _ context: ReplyContext) throws(Failure) -> Reply {
    var splitter = EventSplitter()
    splitter.append(body)
    splitter.finish()
    var collector = ReplyCollector()
    var chat = ChatCompletions.EventReader(context)
    var messages = Messages.EventReader(context)
    // One document an event: what was read from it must stay.
    var events: [ReplyEvent] = []
    do {
      while try splitter.next() {
        if StreamTranslator.isDone(splitter.data) {
          switch context.profile.dialect {
          case .chat: chat.done(into: &events)
          case .messages: messages.done(into: &events)
          }
          continue
        }
        guard let document = try? JSONDocument(splitter.data) else { continue }
        switch context.profile.dialect {
        case .chat: chat.read(document.root, name: splitter.name, into: &events)
        case .messages: messages.read(document.root, name: splitter.name, into: &events)
        }
      }
    } catch {
      throw .unusable("The upstream sent an event that is too large.")
    }
    if events.isEmpty { throw .unusable("The upstream's answer is not valid JSON.") }
    switch context.profile.dialect {
    case .chat: chat.end(into: &events)
    case .messages: messages.end(into: &events)
    }
    for event in events { collector.take(event) }
    if let failure = collector.failure { throw failure }
    return collector.reply
  }

  /// What a client gets for a failed reply: an error, or an answer without content where that is what it means.
  package static func answer(
    _ failure: Failure, _ context: ReplyContext, _ surroundings: inout Surroundings
  ) -> HTTPAnswer {
    guard let end = failure.end(towards: context.client) else {
      return self.answer(failure, to: context.client, &surroundings)
    }
    var reply = Reply()
    reply.stop = end
    return self.answer(reply, context, &surroundings)
  }
}
