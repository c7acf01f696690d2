/// Why there is no answer, in no protocol's words.
package struct Failure: Error, Equatable, Sendable {
  package enum Kind: Sendable, Equatable {
    case invalidRequest
    case contextLength
    case authentication
    case permission
    case notFound
    case modelNotFound
    case conflict
    case tooLarge
    case rateLimited
    /// Money or a quota is used up: trying again is of no use.
    case exhausted
    case server
    case timeout
    case overloaded
    /// The upstream's own filter refused the prompt.
    case filtered
    /// The limit of tokens was too small for an answer to begin (matrix A-maxtok-3).
    case unfinished
  }

  package var kind: Kind
  package var message: String
  /// Set for what the daemon says itself; otherwise the status follows from the kind.
  package var status: Int?
  package var param: String?
  package var code: String?
  /// The words of an upstream of the same protocol, kept as they were.
  package var original: Original?
  /// Headers that pass or are converted, in lower case.
  package var headers: [HTTPField] = []

  /// The upstream spoke Chat Completions: towards a client of the same protocol its words stay.
  package var isOfChat = false

  package struct Original: Equatable, Sendable {
    package var status: Int
    package var type: String?
  }

  package init(_ kind: Kind, _ message: String, status: Int? = nil, param: String? = nil, code: String? = nil)
  {
    self.kind = kind
    self.message = message
    self.status = status
    self.param = param
    self.code = code
  }

  package init(_ refusal: Refusal) {
    self.init(
      refusal.status == 413 ? .tooLarge : .invalidRequest, refusal.message, status: refusal.status,
      param: refusal.param, code: refusal.code)
  }

  /// How an answer without content ends that says the same, where the client's protocol has such a one.
  package func end(towards client: Dialect) -> StopReason? {
    switch (client, self.kind) {
    case (.messages, .filtered): .refusal(explanation: nil)
    case (.messages, .unfinished): .maxTokens
    default: nil
    }
  }

  /// What came from the upstream cannot be an answer.
  package static func unusable(_ message: String) -> Failure { Failure(.server, message, status: 502) }
  static let unusable = Failure.unusable("The upstream's stream held no answer.")
  package static let truncated = Failure(
    .server, FixedText.truncated, status: 502, code: "upstream_truncated")
}

package struct HTTPField: Equatable, Sendable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A whole reply to a client.
package struct HTTPAnswer: Sendable {
  package let status: Int
  package let headers: [HTTPField]
  package let body: [UInt8]

  package init(status: Int, headers: [HTTPField], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
