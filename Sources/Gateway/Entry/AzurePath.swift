/// Paths as clients of Azure spell them (matrix 0.4): the deployment's name stands where a model's name would.
package enum AzurePath {
  private static let version = "/openai/v1"
  private static let deployments = "/openai/deployments/"

  /// The deployment in a path that asks for `route`, empty where the path names none; nil for every other path.
  static func deployment(in path: String, to route: String) -> Substring? {
    // `/v1/chat/completions` here is `/openai/v1/chat/completions` there.
    let call = route.dropFirst("/v1".count)
    if path == Self.version + call { return "" }
    guard path.hasPrefix(Self.deployments), path.hasSuffix(call) else { return nil }
    let name = path.dropFirst(Self.deployments.count).dropLast(call.count)
    return name.isEmpty || name.contains("/") ? nil : name
  }

  /// Whether the key may stand in `api-key`, and the query is about Azure's versions.
  package static func isSpoken(in path: String) -> Bool { path.hasPrefix("/openai/") }
}
