/// Which web pages may call, beside all programs that are no browsers.
package enum CrossOriginSettings: Sendable, Equatable {
  /// All where client keys are checked, none where they are not.
  case byKeys
  case none
  case all
  case listed([String])

  init?(parsing text: String) {
    // The quotes are part of the value in files that Docker has read.
    let text = text.split { $0 == "\"" || $0 == "'" }.joined().trimmingBlanks()
    if text == "*" {
      self = .all
    } else if text.lowercased() == "none" {
      self = .none
    } else {
      let origins = text.split(separator: ",").map { $0.trimmingBlanks() }.filter { !$0.isEmpty }
      guard !origins.isEmpty, origins.allSatisfy(Self.isOrigin) else { return nil }
      self = origins.contains("*") ? .all : .listed(origins)
    }
  }

  var printed: String {
    switch self {
    case .byKeys: ""
    case .none: "none"
    case .all: "*"
    case .listed(let origins): origins.joined(separator: ",")
    }
  }

  /// As browsers spell it: scheme, host and port, without a slash at the end.
  private static func isOrigin(_ text: String) -> Bool {
    if text == "*" || text == "null" { return true }
    guard let separator = text.firstRange(of: "://"), separator.lowerBound > text.startIndex else {
      return false
    }
    let rest = text[separator.upperBound...].utf8
    return !rest.isEmpty && rest.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#\"\\".utf8.contains($0) }
  }
}
