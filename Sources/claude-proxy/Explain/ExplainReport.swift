internal import Dialogue
internal import Gateway
internal import Settings
internal import Wire

/// What `explain` prints. No key is in it.
struct ExplainReport {
  private static let secretNames = ["authorization", "key", "token", "secret", "cookie", "credential"]

  private let settings: Settings
  private let isRaw: Bool
  private var notes: [String] = []
  var varying: [String] = []

  init(_ settings: Settings, isRaw: Bool) {
    self.settings = settings
    self.isRaw = isRaw
  }

  mutating func note(_ line: String) { self.notes.append(line) }

  func show(_ plan: RequestPlan, _ errand: Errand, _ head: RequestHead) -> Int32 {
    guard !self.isRaw else { return TranslateFiles.writeOutput(plan.body) ? 0 : 2 }
    var lines = ["route: \(head.method) \(head.path) -> \(plan.upstream.rawValue)"]
    lines += self.rules(plan, errand) + self.notes
    lines.append("url: \(Self.masked(plan.url))")
    lines.append("headers:")
    lines += plan.headerLines.compactMap { self.masked(header: String(decoding: $0, as: UTF8.self)) }
    lines.append(plan.losses.isEmpty ? "losses: none" : "losses:")
    lines += plan.losses.inOrder.map { loss in
      "  \(loss.action.rawValue) \(loss.path)\(loss.word.map { ":\($0)" } ?? ""): \(loss.reason)"
    }
    lines.append(self.varying.isEmpty ? "varies: nothing" : "varies:")
    lines += self.varying.map { "  \($0)" }
    lines.append("body: \(plan.body.count) bytes\n")
    let text = lines.joined(separator: "\n")
    return TranslateFiles.writeOutput(Array(text.utf8) + plan.body + [0x0A]) ? 0 : 2
  }

  func show(_ answer: HTTPAnswer) -> Int32 {
    self.answered(status: answer.status, body: answer.body)
  }

  func show(_ error: ErrorReply, _ client: ClientProtocol) -> Int32 {
    self.answered(status: error.status, body: error.body(for: client, requestName: "req_explain"))
  }

  private func answered(status: Int, body: [UInt8]) -> Int32 {
    guard !self.isRaw else { return 1 }
    let lines = self.notes + ["answered here: status \(status), no upstream is asked", "body:\n"]
    _ = TranslateFiles.writeOutput(Array(lines.joined(separator: "\n").utf8) + body + [0x0A])
    return 1
  }

  private func rules(_ plan: RequestPlan, _ errand: Errand) -> [String] {
    let notes = plan.notes
    var lines: [String] = []
    if let sent = notes.sentModel {
      let asked = notes.askedModel ?? ""
      let change = asked == sent ? sent : "\(asked.isEmpty ? "(none)" : asked) -> \(sent)"
      lines.append("model: \(change)\(notes.nameRule == .unchanged ? "" : " (\(notes.nameRule.rawValue))")")
    }
    if let profile = notes.profile { lines.append("profile: \(profile) (\(notes.profileRule.rawValue))") }
    switch plan.reply {
    case .relayed: lines.append("way: relayed as it came; the reply goes back as it comes")
    case .renamed: lines.append("way: relayed but for the model's name, and so is the reply")
    case .counted: lines.append("way: asked as it came; counted here if there is no number")
    case .translated(let context):
      lines.append(
        notes.isTranslated
          ? "way: translated to \(context.profile.dialect.rawValue), the reply back again"
          : "way: relayed as it came; the reply is rebuilt")
    }
    if notes.isTranslated, let ceiling = notes.tokenCeiling {
      lines.append("tokens: at most \(ceiling)")
    }
    lines.append("key: \(Self.keyInWords(errand))")
    return lines
  }

  private static func keyInWords(_ errand: Errand) -> String {
    switch errand.upstream.keyMode {
    case .serverKey: errand.key == nil ? "none is sent" : "the server's own"
    case .dynamic, .forward: "the client's"
    }
  }

  /// A query may hold a key.
  private static func masked(_ url: String) -> String {
    url.firstIndex(of: "?").map { "\(url[..<$0])?..." } ?? url
  }

  /// Nil for the lines that only keep libcurl from adding a field.
  private func masked(header line: String) -> String? {
    if line.hasSuffix(";") { return "  \(line.dropLast()):" }
    guard let colon = line.firstRange(of: ": ") else { return nil }
    let name = line[..<colon.lowerBound].lowercased()
    let own = self.settings.headers.extra + self.settings.headers.custom
    let isSecret =
      own.contains { $0.name.lowercased() == name } || Self.secretNames.contains(where: name.contains)
    return isSecret ? "  \(line[..<colon.lowerBound]): ***" : "  \(line)"
  }
}
