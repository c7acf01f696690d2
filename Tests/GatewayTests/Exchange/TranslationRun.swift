import Dialogue
import Gateway
import Settings
import Testing
import Wire

/// A client's request on its way to an upstream of the other protocol, and the reply on its way back.
final class TranslationRun {
  static let now = 1_800_000_000
  let plan: RequestPlan
  let exchange: TranslatedExchange
  private var output = ByteQueue()
  /// What is told to be counted at once; nil: the test says it when it likes.
  private let count: Int?

  /// The client speaks Chat Completions where the upstream speaks Messages, and the other way round.
  init(
    to dialect: Dialect, _ body: String, minorVersion: Int = 1, keyMode: KeyMode = .serverKey,
    count: Int? = 0
  ) throws {
    self.count = count
    let upstreams =
      dialect == .messages ? try Requests.anthropic() : try Requests.openAI(keyMode)
    let choice = try #require(dialect == .messages ? upstreams.chatCompletions : upstreams.messages)
    let route = dialect == .messages ? Route.chatCompletions : .messages
    var surroundings = Surroundings.counted(now: Self.now)
    surroundings.requestID = "req_1"
    let planner = Planner(Requests.snapshot(upstreams), userAgent: "claude-proxy/9")
    let outcome = try planner.plan(
      Errand(route, to: choice, key: "sk-k"), try Requests.head(), Array(body.utf8), &surroundings)
    guard case .send(let plan) = outcome, case .translated(let context) = plan.reply else {
      throw Requests.Unreadable()
    }
    self.plan = plan
    let caller = Caller(
      speaks: route.clientProtocol, requestName: "req_1", minorVersion: minorVersion, isHead: false,
      keepsAlive: true)
    self.exchange = TranslatedExchange(
      for: caller, context, surroundings, losses: plan.losses, retries: plan.retries)
    if let count, self.exchange.wantsCount { _ = self.counted(count) }
  }

  var headerLines: [String] { self.plan.headerLines.map { String(decoding: $0, as: UTF8.self) } }
  var sent: String { String(decoding: self.plan.body, as: UTF8.self) }
  var bytes: [UInt8] { self.output.bytes }
  var reply: Reply? { Reply(self.bytes) }

  @discardableResult
  func head(_ status: Int, _ fields: [(String, String)] = []) throws -> ExchangeStep {
    let head = ResponseHead(status: status, fields: try Requests.fields(fields))
    return self.exchange.headArrived(head, date: ExchangeRun.date, to: &self.output)
  }

  @discardableResult
  func bytes(_ text: String) -> ExchangeStep {
    self.told(self.exchange.bytesArrived(Array(text.utf8).span, date: ExchangeRun.date, to: &self.output))
  }

  func finish() -> ExchangeStep {
    self.told(self.exchange.upstreamFinished(date: ExchangeRun.date, to: &self.output))
  }

  func counted(_ tokens: Int, answer: Int = 0) -> ExchangeStep {
    self.exchange.counted(
      TokenCount(tokens, by: nil), answer: answer, date: ExchangeRun.date, to: &self.output)
  }

  private func told(_ step: ExchangeStep) -> ExchangeStep {
    guard let count, case .count = step else { return step }
    return self.counted(count)
  }

  func fail(_ error: ErrorReply) -> ExchangeStep {
    self.exchange.fail(error, date: ExchangeRun.date, to: &self.output)
  }

  func pulse() { self.exchange.pulse(date: ExchangeRun.date, to: &self.output) }
}
