/// What a refused request was refused for, in the many words upstreams have for "I do not know this".
struct Complaint {
  /// The members one part of the complaint speaks of, the innermost first: `tools.0.function.strict` begins with `strict`.
  typealias Path = [String]

  /// Where members are named, the most certain place first.
  let places: [[Path]]
  private let text: String
  /// It is about a member, not about its value.
  private let isOfUnknownMember: Bool

  private static let longest = 64 * 1024

  private static let unknown = [
    "unknown parameter", "unsupported parameter", "does not support parameter", "extra_forbidden",
    "extra inputs are not permitted", "unrecognized request argument", "unknown field",
    "unexpected parameter",
  ]

  private static let heads = [
    "is not supported", "not supported with", "unsupported value", "are not supported", "does not support",
    "is deprecated", "not allowed", "unexpected role", "invalid role", "cannot both be specified",
    "must be passed back", "invalid signature", "prefill", "must end with a user", "not permitted",
    "unsupported",
  ]

  /// nil: nothing of the kind was said. `body` is for upstreams that answer in plain text.
  init?(_ failure: Failure, _ body: [UInt8]) {
    guard failure.kind == .invalidRequest, [400, 422].contains(failure.original?.status),
      body.count <= Self.longest
    else { return nil }
    let isPlain = body.first { !" \n\r\t".utf8.contains($0) }.map { !"{[".utf8.contains($0) } ?? false
    let said = isPlain ? String(decoding: body, as: UTF8.self) : failure.message
    let text = said.lowercased().filter { $0 != "`" }
    self.text = text
    self.isOfUnknownMember = Self.unknown.contains { text.contains($0) }
    guard self.isOfUnknownMember || Self.heads.contains(where: { text.contains($0) }) else {
      // Servers that do not know this one have no common words for it (matrix G-generic).
      guard Self.words(text).contains("stream_options") else { return nil }
      self.places = [[["stream_options"]]]
      return
    }
    let quoted = text.split(omittingEmptySubsequences: false) { "'\"".contains($0) }.enumerated()
      .filter { $0.offset % 2 == 1 }.map { Self.path(in: $0.element) }
    let all = text.split { " ,;:()[]".contains($0) }.map { Self.path(in: $0) }
    self.places = [failure.param.map { [Self.path(in: $0.lowercased()[...])] } ?? [], quoted, all]
  }

  private static func words(_ text: String) -> [Substring] {
    text.split { !($0.isLetter || $0 == "_" || $0.isNumber) }
  }

  private static func path(in text: Substring) -> Path {
    self.words(String(text)).reversed().map(String.init).filter { !$0.allSatisfy(\.isNumber) }
  }

  private func says(_ words: String) -> Bool { self.text.contains(words) }

  /// What may be tried because of one member's name.
  func remedy(for name: String, _ dialect: Dialect) -> Remedy? {
    switch name {
    case "max_tokens": return self.says("max_completion_tokens") ? Remedy(name) : nil
    case "system": return self.says("role") ? Remedy(name) : nil
    case "user" where self.says("must end with a user"): return Remedy("prefill")
    case "stream_options", "include_usage": return Remedy("stream_options")
    // Elsewhere it is a switch; here what a complaint about single blocks speaks of, too.
    case "thinking" where dialect == .messages: return self.isOfUnknownMember ? Remedy(name) : nil
    case "temperature", "top_p", "top_k":
      let isOfTwo = dialect == .messages && self.says("both")
      return Remedy(isOfTwo ? Remedy.bothSamplings : name)
    case "reasoning_content", "reasoning_details":
      let isMissed = ["must be passed back", "missing", "required"].contains { self.says($0) }
      return Remedy(isMissed ? name + Remedy.demand : name)
    case _ where Remedy.isCapability(name): return Remedy(name)
    default: return self.isOfUnknownMember ? Remedy(name) : nil
    }
  }
}
