import Wire

extension ChatCompletions {
  /// Decides which call a fragment belongs to, whatever a server does with indexes and ids (matrix D1-key).
  struct CallTable {
    private struct Call {
      var index: Int?
      var id: String
      var name: String
      /// Its number in the events; nil until its name is known.
      var number: Int?
      var progress = JSONProgress()
      var joiner = PairJoiner()
      /// Escaped arguments that came before the name.
      var pending: [UInt8] = []
    }

    private var calls: [Call] = []
    private var begun = 0
    /// The call whose name is known, but neither its id nor an argument.
    private var waiting: Int?

    /// Calls without a name do not count.
    var hasCalls: Bool { self.begun > 0 }

    mutating func take(_ fragment: JSONValue, function: JSONValue?, into events: inout [ReplyEvent]) {
      let id = fragment["id"]
      let idText = id?.string ?? id?.integer.map(String.init) ?? ""
      let name = function?["name"]?.string ?? ""
      let arguments = Self.arguments(function)
      let place = self.place(
        index: fragment["index"]?.integer, id: idText, name: name, hasArguments: arguments != nil)
      if self.waiting != place { self.beginWaiting(into: &events) }
      if self.calls[place].id.isEmpty { self.calls[place].id = idText }
      if self.calls[place].name.isEmpty { self.calls[place].name = name }
      // An id may come in the next fragment, but not behind the first arguments.
      if self.calls[place].number == nil, self.calls[place].id.isEmpty, arguments == nil,
        fragment.members.allSatisfy({ $0.value.isNull || Self.isKnown($0.key) })
      {
        self.waiting = place
        return
      }
      self.waiting = nil
      self.append(arguments, to: place, into: &events)
      guard let number = self.calls[place].number else { return }
      for member in fragment.members where !member.value.isNull && !Self.isKnown(member.key) {
        events.append(.callExtra(number, name: Text(member.key), member.value))
      }
    }

    /// Where the arguments of a call stand that is going on.
    struct Place {
      fileprivate let arguments: JSONPlace
      fileprivate let call: Int
    }

    /// Of a delta that was just read; nil if it may mean more than the next piece of one call's arguments.
    func place(in delta: JSONValue) -> Place? {
      var fragments = delta["tool_calls"]?.elements
      guard let fragment = fragments?.next(), fragments?.next() == nil, delta.isAlone("tool_calls"),
        let function = fragment.present("function"), let arguments = function["arguments"],
        arguments.kind == .string, function.isAlone("arguments"),
        fragment.present("id")?.isEmptyString ?? true,
        fragment.members.allSatisfy({ $0.value.isNull || Self.isKnown($0.key) })
      else { return nil }
      let index = fragment["index"]?.integer
      guard
        let call = index == nil
          ? self.calls.indices.last : self.calls.lastIndex(where: { $0.index == index }),
        self.calls[call].number != nil
      else { return nil }
      return Place(arguments: arguments.document.place(of: arguments), call: call)
    }

    /// Goes on with the call if nothing but the arguments there has changed since.
    mutating func goOn(
      at place: Place, _ document: JSONDocument, into events: inout [ReplyEvent]
    ) -> Bool {
      guard let arguments = document.value(at: place.arguments), arguments.kind == .string,
        !arguments.isEmptyString
      else { return false }
      self.append(arguments, to: place.call, into: &events)
      return true
    }

    /// The one call of a client or server that speaks of functions.
    mutating func takeLegacy(_ call: JSONValue, into events: inout [ReplyEvent]) {
      if self.calls.isEmpty { self.calls.append(Call(index: 0, id: "", name: "")) }
      if self.calls[0].name.isEmpty { self.calls[0].name = call["name"]?.string ?? "" }
      self.append(Self.arguments(call), to: 0, into: &events)
    }

    /// A vendor's member that came alone belongs to the call at hand.
    func takeExtra(_ key: JSONValue, _ value: JSONValue, into events: inout [ReplyEvent]) {
      guard let number = self.calls.last?.number else { return }
      events.append(.callExtra(number, name: Text(key), value))
    }

    /// Something else comes: a call that waits for its id gets none.
    mutating func beginWaiting(into events: inout [ReplyEvent]) {
      guard let place = self.waiting else { return }
      self.waiting = nil
      self.append(nil, to: place, into: &events)
    }

    mutating func finish(into events: inout [ReplyEvent]) {
      self.beginWaiting(into: &events)
      for place in self.calls.indices {
        guard let rest = self.calls[place].joiner.flush() else { continue }
        self.emit(rest, to: place, into: &events)
      }
    }

    static func isKnown(_ key: JSONValue) -> Bool {
      key.matches("index") || key.matches("id") || key.matches("type") || key.matches("function")
        || key.matches("custom")
    }

    /// Nil when there is nothing in it; an object is tolerated as such.
    private static func arguments(_ function: JSONValue?) -> JSONValue? {
      guard let arguments = function?["arguments"] ?? function?["input"] else { return nil }
      switch arguments.kind {
      case .string: return arguments.isEmptyString ? nil : arguments
      case .object: return arguments
      case .null, .bool, .number, .array: return nil
      }
    }

    private mutating func place(index: Int?, id: String, name: String, hasArguments: Bool) -> Int {
      if let index {
        if !id.isEmpty, let same = self.calls.lastIndex(where: { $0.index == index && $0.id == id }) {
          return same
        }
        guard let known = self.calls.lastIndex(where: { $0.index == index }) else {
          return self.add(index, id, name)
        }
        let call = self.calls[known]
        let isAnother = !id.isEmpty && !call.id.isEmpty && id != call.id && !name.isEmpty
        let isNext = id.isEmpty && !name.isEmpty && call.progress.isComplete && hasArguments
        return isAnother || isNext ? self.add(index, id, name) : known
      }
      if !id.isEmpty {
        return self.calls.lastIndex { $0.id == id } ?? self.add(nil, id, name)
      }
      guard let last = self.calls.indices.last else { return self.add(nil, id, name) }
      if !name.isEmpty, self.calls[last].progress.isComplete { return self.add(nil, id, name) }
      return last
    }

    private mutating func add(_ index: Int?, _ id: String, _ name: String) -> Int {
      // No model calls that often at once; a server that does must not fill the memory.
      if self.calls.count >= 1024 { return self.calls.count - 1 }
      self.calls.append(Call(index: index, id: id, name: name))
      return self.calls.count - 1
    }

    private mutating func append(_ arguments: JSONValue?, to place: Int, into events: inout [ReplyEvent]) {
      if self.calls[place].number == nil, !self.calls[place].name.isEmpty {
        self.calls[place].number = self.begun
        events.append(.callBegin(self.begun, id: self.calls[place].id, name: self.calls[place].name))
        self.begun += 1
      }
      let whole = arguments.flatMap { $0.kind == .object ? Arguments.object($0).text : nil }
      guard let arguments, let text = whole ?? self.calls[place].joiner.take(arguments) else {
        self.flush(place, into: &events)
        return
      }
      self.calls[place].progress.take(text)
      self.emit(text, to: place, into: &events)
    }

    private mutating func flush(_ place: Int, into events: inout [ReplyEvent]) {
      guard self.calls[place].number != nil, !self.calls[place].pending.isEmpty else { return }
      self.emit(Text(literal: ""), to: place, into: &events)
    }

    private mutating func emit(_ text: Text, to place: Int, into events: inout [ReplyEvent]) {
      guard let number = self.calls[place].number else {
        text.appendEscaped(to: &self.calls[place].pending)
        return
      }
      let isComplete = self.calls[place].progress.isComplete
      if self.calls[place].pending.isEmpty {
        events.append(.arguments(number, text, isComplete: isComplete))
        return
      }
      var bytes: [UInt8] = []
      swap(&bytes, &self.calls[place].pending)
      text.appendEscaped(to: &bytes)
      events.append(.arguments(number, Text(escaped: bytes), isComplete: isComplete))
    }
  }
}

extension JSONValue {
  /// Whether no other member of the object says anything.
  fileprivate func isAlone(_ name: StaticString) -> Bool {
    self.members.allSatisfy { $0.isNamed(name) || $0.value.isNull || $0.value.isEmptyString }
  }
}
