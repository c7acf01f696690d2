package import Dialogue
package import Wire

/// A request of which more is known once its tokens are counted.
package struct UnfinishedPlan {
  package let countable: Countable
  let purpose: Purpose

  enum Purpose {
    /// The client asks for nothing else.
    case answer
    /// The answer may be as long as the prompt leaves room for.
    case budget(Planner.Draft)
    /// The request only warms a cache, and is answered here.
    case prewarm(ReplyContext)
  }
}

/// What depends on the number of a request's tokens.
extension Planner {
  /// Goes on where `plan` stopped.
  package func resume(
    _ plan: UnfinishedPlan, _ count: TokenCount, _ errand: Errand, _ head: RequestHead,
    _ surroundings: inout Surroundings, facts: UpstreamFacts = UpstreamFacts(),
    remembered: @escaping (String) -> [UInt8]? = { _ in nil }
  ) throws(ErrorReply) -> Outcome {
    switch plan.purpose {
    case .answer:
      return .answer(count.answer)
    case .prewarm(var context):
      context.inputEstimate = count.tokens
      return .answer(Translation.prewarmAnswer(context, &surroundings))
    case .budget(let draft):
      draft.tokenCeiling = self.budget.ceiling(
        model: draft.notes.sentModel ?? "", promptTokens: count.tokens)
      draft.notes.tokenCeiling = draft.tokenCeiling
      do throws(Refusal) {
        return try self.translate(draft, errand, head, facts, remembered)
      } catch {
        throw ErrorReply(error)
      }
    }
  }

  /// An upstream that speaks Messages is asked, and judges the request itself; others have nothing to ask for.
  func countOnly(
    _ errand: Errand, _ head: RequestHead, _ document: JSONDocument, _ facts: UpstreamFacts
  ) throws(ErrorReply) -> Outcome {
    let draft = self.draft(errand, document, facts)
    do throws(Refusal) {
      guard let url = errand.upstream.countingURL(clientQuery: head.query) else {
        try Translation.checkCountable(document)
        return .count(UnfinishedPlan(countable: draft.countable, purpose: .answer))
      }
      return .send(
        RequestPlan(
          upstream: errand.upstream.name, url: url,
          headerLines: self.headerLines(errand, head, isTranslated: false, isStreaming: false),
          body: try draft.isLeftAlone ? document.bytes : self.renamed(draft), reply: .counted,
          losses: Losses(), retries: .none, notes: draft.notes, countable: draft.countable))
    } catch {
      throw ErrorReply(error)
    }
  }

  /// The client's bytes, but for the model's name.
  private func renamed(_ draft: Draft) throws(Refusal) -> [UInt8] {
    let outcome = try Translation.request(
      draft.document, from: .messages, to: draft.profile, model: draft.notes.sentModel)
    return switch outcome {
    case .send(let body): body.bytes
    case .answer: draft.document.bytes
    }
  }
}
