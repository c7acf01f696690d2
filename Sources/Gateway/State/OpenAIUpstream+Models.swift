package import Settings

extension OpenAIUpstream {
  /// Where the upstream lists its models: beside the place it is asked for answers at.
  package var modelsURL: UpstreamURL {
    let path = self.chatCompletionsURL.path
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    var kept = segments[...]
    if let deployments = segments.firstIndex(of: "deployments") {
      // Azure lists a resource's models in front of its deployments.
      kept = segments[..<deployments]
    } else {
      while kept.count > 1, kept.last == "" { kept.removeLast() }
      let isWhole = kept.last == "completions" && kept.dropLast().last == "chat"
      kept = kept.dropLast(isWhole ? 2 : 1)
    }
    let folder = kept.joined(separator: "/")
    return UpstreamURL(
      scheme: self.chatCompletionsURL.scheme, host: self.chatCompletionsURL.host,
      port: self.chatCompletionsURL.port, path: "\(folder)/models", query: self.chatCompletionsURL.query)
  }
}
