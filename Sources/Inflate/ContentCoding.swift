/// How a request's body was compressed (RFC 9110 8.4).
package enum ContentCoding: Sendable, Equatable {
  case gzip
  case zstd

  /// What the values of the `Content-Encoding` fields say together; nil: the body is as it is.
  package static func named(by values: [String]) throws(InflateFault) -> ContentCoding? {
    var found: ContentCoding?
    for value in values {
      for element in value.split(separator: ",", omittingEmptySubsequences: true) {
        let word = element.drop { $0 == " " || $0 == "\t" }.split { $0 == " " || $0 == "\t" }
        guard let first = word.first else { continue }
        // One coding: a second one is a bomb's way to be small.
        guard word.count == 1, found == nil else { throw .unknownCoding }
        switch first.lowercased() {
        case "identity": continue
        case "gzip", "x-gzip": found = .gzip
        case "zstd": found = .zstd
        default: throw .unknownCoding
        }
      }
    }
    return found
  }
}
