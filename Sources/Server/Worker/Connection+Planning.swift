internal import Dialogue
internal import Gateway
internal import Wire

/// From a whole request to what is done about it.
extension Connection {
  func plan(_ request: IncomingRequest, _ errand: Errand) {
    var body: [UInt8] = []
    swap(&body, &self.body)
    var planned = PlannedRequest(
      request: request, errand: errand, head: request.head, facts: self.worker.facts(for: errand),
      surroundings: self.worker.surroundings(of: request.reply.requestName))
    if errand.route == .testConnection {
      body = TestConnectionExchange.request(errand, self.worker.snapshot.settings, planned.facts.models)
      (planned.head.path, planned.head.query) = ("/v1/messages", nil)
    }
    do throws(ErrorReply) {
      let outcome = try self.worker.planner.plan(
        errand, planned.head, body, &planned.surroundings, facts: planned.facts,
        remembered: { [worker = self.worker] in worker.remembered(call: $0, errand) })
      self.carryOut(outcome, planned)
    } catch {
      self.refuse(error, request, closing: false)
    }
  }

  /// Goes on with a plan that waited for a number.
  func counted(_ tokens: TokenCount, for pending: PendingPlan) {
    var planned = pending.planned
    let errand = planned.errand
    do throws(ErrorReply) {
      let outcome = try self.worker.planner.resume(
        pending.unfinished, tokens, errand, planned.head, &planned.surroundings, facts: planned.facts,
        remembered: { [worker = self.worker] in worker.remembered(call: $0, errand) })
      self.carryOut(outcome, planned)
    } catch {
      self.refuse(error, planned.request, closing: false)
    }
  }

  private func carryOut(_ outcome: consuming Planner.Outcome, _ planned: consuming PlannedRequest) {
    switch outcome {
    case .send(let plan):
      let relay = Relay(planned.request, plan, planned.surroundings, planned.errand, self)
      self.phase = .relaying(relay)
      relay.start()
      self.updateInterest()
    case .answer(let answer):
      let bytes = planned.request.reply.write(answer, date: self.worker.date, to: &self.output)
      self.finish(planned.request, status: answer.status, bytes: bytes)
    case .count(let unfinished):
      let pending = PendingPlan(planned, unfinished, self)
      self.phase = .counting(pending)
      pending.begin()
      self.updateInterest()
    }
  }

  /// The daemon, or the request's time, ends before there is a plan.
  func refuse(_ pending: PendingPlan, _ error: ErrorReply) {
    pending.cancel()
    self.refuse(error, pending.planned.request)
  }

  /// The client left before there was a plan.
  func abandon(_ pending: PendingPlan) {
    pending.cancel()
    let request = pending.planned.request
    let record = AccessRecord(request, self.client(of: request), status: 499, error: nil)
    self.log(record, of: request)
  }
}
