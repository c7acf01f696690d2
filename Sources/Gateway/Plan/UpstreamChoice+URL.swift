package import Settings

extension UpstreamChoice {
  /// The configured address with what the client asked for behind its path; what both say is said once.
  package func url(path: String, model: String?, clientQuery: String?) -> String {
    switch self {
    case .demo: "http://demo.invalid\(path)"
    case .anthropic(let upstream): Self.url(upstream.messagesURL, clientQuery)
    case .openAI(let upstream): Self.url(upstream.url(forModel: model ?? ""), clientQuery)
    }
  }

  /// Where an upstream that speaks Messages counts tokens, if this is one.
  func countingURL(clientQuery: String?) -> String? {
    guard case .anthropic(let upstream) = self else { return nil }
    return Self.url(upstream.messagesURL.appending(path: "count_tokens"), clientQuery)
  }

  private static func url(_ configured: UpstreamURL, _ clientQuery: String?) -> String {
    guard let clientQuery, !clientQuery.isEmpty else { return configured.description }
    guard let query = configured.query, !query.isEmpty else {
      return "\(configured.origin)\(configured.path)?\(clientQuery)"
    }
    let known = Set(query.split(separator: "&"))
    let added = clientQuery.split(separator: "&").filter { !known.contains($0) }
    return ([Substring(configured.description)] + added).joined(separator: "&")
  }
}
