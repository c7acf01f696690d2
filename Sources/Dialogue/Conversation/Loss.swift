package import Wire

/// One thing the client said that the upstream does not hear, or not as it was said.
package struct Loss: Equatable, Sendable {
  package enum Action: String, Sendable {
    /// Nothing of it is sent.
    case dropped
    /// It is sent in another form.
    case changed
    /// The daemon does it itself.
    case emulated
  }

  package let path: String
  /// What the thing is, where the path alone does not say it, such as a tool's type.
  package let word: String?
  package let action: Action
  package let reason: String
  let position: Int
}

/// Collects losses while a request is read and written.
package struct Losses: Equatable, Sendable {
  /// A path costs a walk over the text, so a request of a million oddities may not name them all.
  private static let maxCount = 256

  private var list: [Loss] = []

  package init() {}

  package mutating func add(
    _ action: Loss.Action, _ value: JSONValue, word: String? = nil, because reason: String
  ) {
    guard self.list.count < Self.maxCount else {
      self.noteMore()
      return
    }
    self.list.append(
      Loss(
        path: value.path, word: word, action: action, reason: reason, position: value.slice.offset))
  }

  private mutating func noteMore() {
    guard self.list.count == Self.maxCount else { return }
    self.list.append(
      Loss(
        path: "", word: nil, action: .dropped, reason: "more losses than are listed", position: Int.max))
  }

  package mutating func drop(_ value: JSONValue, word: String? = nil, because reason: String) {
    self.add(.dropped, value, word: word, because: reason)
  }

  /// For something the text does not hold, such as a reply's part.
  package mutating func add(_ action: Loss.Action, path: String, word: String? = nil, because reason: String)
  {
    guard self.list.count < Self.maxCount else {
      self.noteMore()
      return
    }
    self.list.append(Loss(path: path, word: word, action: action, reason: reason, position: Int.max))
  }

  package mutating func add(_ other: Losses) {
    if !other.isEmpty { self.list += other.list }
  }

  package var isEmpty: Bool { self.list.isEmpty }

  /// All of them in the order of the request's text.
  package var inOrder: [Loss] {
    self.list.enumerated().sorted { ($0.1.position, $0.0) < ($1.1.position, $1.0) }.map(\.1)
  }

  /// The value of `x-proxy-dropped` or `x-proxy-changed`, at most 1 KB; nil when there is nothing to say.
  package func header(_ actions: [Loss.Action]) -> String? {
    guard !self.isEmpty else { return nil }
    var text = ""
    for loss in self.inOrder where actions.contains(loss.action) {
      let entry = (loss.word.map { "\(loss.path):\($0)" } ?? loss.path).filter { $0 >= " " && $0 <= "~" }
      if text.utf8.count + entry.utf8.count + 1 > 1024 { break }
      text += text.isEmpty ? entry : ",\(entry)"
    }
    return text.isEmpty ? nil : text
  }
}
