import Wire

/// Finds the text of a model's thoughts among the members vendors put it in (matrix D1-think).
enum ReasoningText {
  /// The first non-empty of `reasoning_content` and `reasoning`.
  static func plain(in holder: JSONValue) -> JSONValue? {
    if let text = holder["reasoning_content"], text.kind == .string, !text.isEmptyString { return text }
    if let text = holder["reasoning"], text.kind == .string, !text.isEmptyString { return text }
    return nil
  }

  /// Clients of the same protocol hear of thoughts by the name their vendor gave them.
  static let vendorsName: StaticString = "reasoning"

  static func isNamedAsByVendors(_ text: JSONValue, in holder: JSONValue) -> Bool {
    holder[Self.vendorsName]?.slice.offset == text.slice.offset
  }

  /// The texts of `reasoning_details`, which stand for `plain` where that is missing.
  static func details(in holder: JSONValue) -> [JSONValue] {
    guard let details = holder["reasoning_details"] else { return [] }
    return details.elements.compactMap { detail in
      guard let text = detail.present("text") ?? detail.present("summary"), text.kind == .string,
        !text.isEmptyString
      else { return nil }
      return text
    }
  }

  /// The texts inside a list part of type thinking.
  static func inside(_ part: JSONValue) -> [JSONValue] {
    guard let thinking = part["thinking"] else { return [] }
    let texts = thinking.kind == .string ? [thinking] : thinking.elements.compactMap { $0["text"] }
    return texts.filter { $0.kind == .string && !$0.isEmptyString }
  }
}

/// OpenRouter's `reasoning_details`, merged by index over all fragments, for the way back.
struct ReasoningDetails {
  private struct Entry {
    var index: Int
    /// Member names in order of appearance, and their values as JSON; texts without quotes, to be appended to.
    var names: [String] = []
    var values: [String: [UInt8]] = [:]
    var texts: Set<String> = []
  }

  private static let growing: Set<String> = ["text", "summary", "data"]
  private var entries: [Entry] = []

  var isEmpty: Bool { self.entries.isEmpty }

  mutating func take(_ details: JSONValue) {
    for detail in details.elements where detail.kind == .object {
      let index = detail["index"]?.integer ?? 0
      let type = detail["type"]?.rawBytes.map(\.self) ?? []
      let place = self.entries.lastIndex { $0.index == index && ($0.values["type"] ?? []) == type }
      var entry = place.map { self.entries[$0] } ?? Entry(index: index)
      for member in detail.members where !member.value.isNull { Self.merge(member, into: &entry) }
      if let place { self.entries[place] = entry } else { self.entries.append(entry) }
    }
  }

  private static func merge(_ member: JSONMember, into entry: inout Entry) {
    let name = member.name
    let isNew = !entry.names.contains(name)
    if isNew { entry.names.append(name) }
    guard member.value.kind == .string, self.growing.contains(name) else {
      entry.values[name] = Array(member.value.rawBytes)
      return
    }
    entry.texts.insert(name)
    var bytes = entry.values[name] ?? []
    Text(member.value).appendEscaped(to: &bytes)
    entry.values[name] = bytes
  }

  /// The envelope's payload.
  var payload: [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("k")
    writer.string("or")
    writer.key("d")
    writer.beginArray()
    for entry in self.entries {
      writer.beginObject()
      for name in entry.names {
        guard let value = entry.values[name] else { continue }
        writer.key(text: name)
        if entry.texts.contains(name) {
          Text(escaped: value).writeString(to: &writer)
        } else {
          writer.raw(value.span)
        }
      }
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }
}

/// Takes `<think>` apart from the answer, where a server leaves that to its clients.
struct ThinkTags {
  struct Piece {
    let text: Text
    let isThought: Bool
  }

  private enum State {
    /// Nothing but white space so far: an opening tag may still come.
    case start
    case thinking
    /// The tag is closed; white space up to the answer is dropped.
    case closed
    case answer
  }

  private static let opening = Array("<think>".utf8)
  private static let closing = Array("</think>".utf8)
  private var state = State.start
  /// Escaped text that may be the beginning of a tag.
  private var held: [UInt8] = []

  mutating func take(_ text: Text) -> [Piece] {
    if self.state == .answer { return [Piece(text: text, isThought: false)] }
    text.withEscaped { self.append($0) }
    var pieces: [Piece] = []
    while self.step(&pieces) {}
    return pieces
  }

  /// Some servers escape angle brackets.
  private mutating func append(_ bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x5C, index + 1 < bytes.count {
        let isBracket =
          index + 6 <= bytes.count && bytes[index + 1] == 0x75 && bytes[index + 2] == 0x30
          && bytes[index + 3] == 0x30 && bytes[index + 4] == 0x33
        if isBracket, bytes[index + 5] | 0x20 == 0x63 || bytes[index + 5] | 0x20 == 0x65 {
          self.held.append(bytes[index + 5] | 0x20 == 0x63 ? 0x3C : 0x3E)
          index += 6
        } else if bytes[index + 1] == 0x2F {
          // And some the slash.
          self.held.append(0x2F)
          index += 2
        } else {
          self.held.append(0x5C)
          self.held.append(bytes[index + 1])
          index += 2
        }
      } else {
        self.held.append(bytes[index])
        index += 1
      }
    }
  }

  mutating func flush() -> [Piece] {
    defer { self.held = [] }
    guard !self.held.isEmpty, self.state != .closed else { return [] }
    return [Piece(text: Text(escaped: self.held), isThought: self.state == .thinking)]
  }

  /// True when another step may be possible.
  private mutating func step(_ pieces: inout [Piece]) -> Bool {
    switch self.state {
    case .answer:
      if !self.held.isEmpty { pieces.append(Piece(text: Text(escaped: self.held), isThought: false)) }
      self.held = []
      return false
    case .closed:
      self.held = Array(self.held[Self.blankEnd(self.held)...])
      guard !self.held.isEmpty else { return false }
      self.state = .answer
      return true
    case .start:
      let rest = self.held[Self.blankEnd(self.held)...]
      if rest.starts(with: Self.opening) {
        self.held = Array(rest.dropFirst(Self.opening.count))
        self.state = .thinking
        return true
      }
      if rest.isEmpty || Self.opening.starts(with: rest) { return false }
      self.state = .answer
      return true
    case .thinking: return self.stepThinking(&pieces)
    }
  }

  private mutating func stepThinking(_ pieces: inout [Piece]) -> Bool {
    for start in self.held.indices where self.held[start] == Self.closing[0] {
      let rest = self.held[start...]
      if rest.starts(with: Self.closing) {
        self.append(self.held[..<start], &pieces)
        self.held = Array(rest.dropFirst(Self.closing.count))
        self.state = .closed
        return true
      }
      if Self.closing.starts(with: rest) {
        self.append(self.held[..<start], &pieces)
        self.held = Array(rest)
        return false
      }
    }
    self.append(self.held[...], &pieces)
    self.held = []
    return false
  }

  private func append(_ bytes: ArraySlice<UInt8>, _ pieces: inout [Piece]) {
    if !bytes.isEmpty { pieces.append(Piece(text: Text(escaped: Array(bytes)), isThought: true)) }
  }

  /// The first index behind white space, escaped or not.
  private static func blankEnd(_ bytes: [UInt8]) -> Int {
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x20 {
        index += 1
      } else if bytes[index] == 0x5C, index + 1 < bytes.count, [0x6E, 0x72, 0x74].contains(bytes[index + 1]) {
        index += 2
      } else {
        break
      }
    }
    return index
  }
}
