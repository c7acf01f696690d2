package import Dialogue
package import Settings
package import Wire

/// `/test-connection`: a tiny request on the way every request goes, and a page that says what became of it.
package final class TestConnectionExchange: Exchange {
  private static let longestReply = 1 << 20

  package var client: Caller
  private let model: String
  private let vendor: String
  private let now: Int
  private var head: ResponseHead?
  private var held: [UInt8] = []
  private var hasEnded = false

  package private(set) var sentStatus: Int?
  package private(set) var relayedBytes = 0
  package private(set) var failure: ErrorReply?

  /// `now` in seconds since 1970.
  package init(for client: Caller, model: String, upstream: UpstreamName, now: Int) {
    self.client = client
    self.model = model
    self.vendor = upstream == .anthropic ? "Anthropic" : upstream == .openAI ? "OpenAI" : "demo"
    self.now = now
  }

  /// What is asked, in the protocol of the errand's client.
  package static func request(_ errand: Errand, _ settings: Settings, _ models: ModelList?) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("model", self.model(errand, settings, models))
    json.member("max_tokens", 5)
    json.key("messages")
    json.beginArray()
    json.beginObject()
    json.member("role", "user")
    json.member("content", "Hello")
    json.endObject()
    json.endArray()
    json.endObject()
    return json.takeBytes()
  }

  /// The small model by the name that is mapped to it; where nothing is mapped, one that is there.
  private static func model(_ errand: Errand, _ settings: Settings, _ models: ModelList?) -> String {
    switch errand.upstream {
    case .demo: return "demo"
    case .anthropic: return settings.models.standard
    case .openAI(let upstream):
      if upstream.isNamedByBase || settings.models.namesSizes { return "claude-haiku" }
      return models?.models.first?.id ?? settings.models.small
    }
  }

  package var isAwaitingHead: Bool { self.head == nil && !self.hasEnded }
  package var usage: Usage? { nil }
  package var toolStates: [ToolState] { [] }
  package var wantsPulse: Bool { false }
  package func pulse(date: String, to output: inout ByteQueue) {}
  package func waitAfterConnecting() -> Int? { nil }

  package func headArrived(_ head: ResponseHead, date: String, to output: inout ByteQueue) -> ExchangeStep {
    self.head = head
    return .goOn
  }

  package func bytesArrived(_ bytes: Span<UInt8>, date: String, to output: inout ByteQueue) -> ExchangeStep {
    guard self.held.count + bytes.count <= Self.longestReply else {
      return self.fail(.unreachable("the upstream's answer is too large"), date: date, to: &output)
    }
    self.held.append(copying: bytes)
    return .goOn
  }

  package func upstreamFinished(date: String, to output: inout ByteQueue) -> ExchangeStep {
    guard !self.hasEnded else { return .goOn }
    guard let head = self.head else {
      return self.fail(.unreachable("the upstream answered nothing"), date: date, to: &output)
    }
    let document = try? JSONDocument(self.held)
    guard (200..<300).contains(head.status) else {
      return self.failed(status: head.status, document?.root.saidMessage, date, &output)
    }
    guard let root = document?.root, root.kind == .object else {
      return self.failed(status: 502, "The upstream's answer is not valid JSON.", date, &output)
    }
    var json = JSONWriter()
    json.beginObject()
    json.member("status", "success")
    json.member("message", "Successfully connected to \(self.vendor) API")
    json.member("model_used", self.model)
    json.member("timestamp", Timestamp.utc(unixSeconds: self.now))
    json.member("response_id", root["id"]?.string ?? "unknown")
    json.endObject()
    return self.answer(200, json.takeBytes(), date, &output)
  }

  package func fail(_ error: ErrorReply, date: String, to output: inout ByteQueue) -> ExchangeStep {
    guard !self.hasEnded else { return .goOn }
    self.failure = error
    return self.failed(status: error.status, error.message, date, &output)
  }

  private func failed(
    status: Int, _ message: String?, _ date: String, _ output: inout ByteQueue
  ) -> ExchangeStep {
    let message = "\(status): \(message ?? "the upstream refused the request")"
    var json = JSONWriter()
    json.beginObject()
    json.member("status", "failed")
    json.member("error_type", "API Error")
    json.member("message", message)
    json.member("error", message)
    json.member("timestamp", Timestamp.utc(unixSeconds: self.now))
    json.key("suggestions")
    json.beginArray()
    json.string(plain: "Check that the upstream's key is valid")
    json.string(plain: "Check that the key may use the model that was asked for")
    json.string(plain: "Check whether a rate limit or quota has been reached")
    json.endArray()
    json.endObject()
    return self.answer(503, json.takeBytes(), date, &output)
  }

  private func answer(
    _ status: Int, _ body: [UInt8], _ date: String, _ output: inout ByteQueue
  ) -> ExchangeStep {
    self.hasEnded = true
    self.sentStatus = status
    self.relayedBytes = body.count
    var fields = HeaderFields()
    fields.append(name: "content-type", value: "application/json")
    self.client.write(status: status, fields: fields, body: body + [0x0A], date: date, to: &output)
    return .complete
  }
}

extension JSONValue {
  /// The message of an error in any of the usual spellings.
  fileprivate var saidMessage: String? {
    self["error"]?["message"]?.string ?? self["error"]?.string ?? self["message"]?.string
      ?? self["detail"]?.string
  }
}
