/// What is different about Azure: the version in the query, the key's header field, one URL for each deployment.
package struct AzureFlavour: Sendable, Equatable {
  package let version: String
  /// The upstream's URL ends in front of the deployment's name, which is the model's.
  package let isPerModel: Bool

  /// A base is the resource, its `/openai`, one deployment, or the interface that needs no deployments.
  static func chatCompletions(ofBase base: UpstreamURL, _ version: String) -> (UpstreamURL, AzureFlavour) {
    let segments = base.path.split(separator: "/")
    let isWhole = segments.contains("deployments") || segments.last == "v1"
    let flavour = AzureFlavour(version: version, isPerModel: !isWhole)
    if isWhole { return (base.appending(path: "chat/completions").asking(forVersion: version), flavour) }
    let suffix = segments.last == "openai" ? "deployments" : "openai/deployments"
    return (base.appending(path: suffix).asking(forVersion: version), flavour)
  }
}

extension UpstreamURL {
  /// The version a query names already.
  var azureVersion: Substring? {
    self.query?.split(separator: "&").first { $0.hasPrefix("api-version=") }?.dropFirst("api-version=".count)
  }

  func asking(forVersion version: String) -> UpstreamURL {
    if self.azureVersion != nil { return self }
    let query = self.query.map { $0.isEmpty ? "" : "\($0)&" } ?? ""
    return UpstreamURL(
      scheme: self.scheme, host: self.host, port: self.port, path: self.path,
      query: "\(query)api-version=\(version)")
  }

  /// A name as one segment of a path (RFC 3986 3.3).
  static func percentEncoded(segment: String) -> String {
    var text = ""
    for byte in segment.utf8 {
      if byte.isLetter || byte.isDigit || "-._~".utf8.contains(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return text
  }
}
