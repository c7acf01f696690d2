/// Ends an answer at a stop sequence the upstream was not told (matrix A-stop-1).
struct StopScanner {
  private let stops: [[UInt8]]
  /// Plain text that may be the beginning of a stop sequence.
  private var held: [UInt8] = []
  /// The sequence that ended the answer; nothing behind it counts.
  private(set) var match: String?

  var isActive: Bool { !self.stops.isEmpty }

  init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

  /// Passes events on, holding text back as long as it may become a stop sequence.
  mutating func filter(_ events: [ReplyEvent], into output: inout [ReplyEvent]) {
    for event in events where self.match == nil {
      switch event {
      case .text(let text): self.scan(text, &output)
      case .begin, .ping: output.append(event)
      case .refusal, .reasoning, .reasoningEnd, .callBegin, .arguments, .callEnd, .callExtra, .extra,
        .logprobs, .citation, .finish, .failure:
        self.flush(&output)
        output.append(event)
      }
    }
  }

  private mutating func scan(_ text: Text, _ output: inout [ReplyEvent]) {
    text.appendPlain(to: &self.held)
    if let (start, stop) = self.firstMatch() {
      self.emit(start, &output)
      self.match = String(decoding: stop, as: UTF8.self)
      output.append(.finish(.stopSequence(self.match), nil))
      return
    }
    let kept = self.longestBeginning()
    self.emit(self.held.count - kept, &output)
  }

  private func firstMatch() -> (Int, [UInt8])? {
    for start in self.held.indices {
      for stop in self.stops where self.held[start...].starts(with: stop) { return (start, stop) }
    }
    return nil
  }

  private func longestBeginning() -> Int {
    let longest = min(self.held.count, (self.stops.map(\.count).max() ?? 1) - 1)
    for count in stride(from: longest, to: 0, by: -1) {
      let suffix = self.held.suffix(count)
      if self.stops.contains(where: { $0.starts(with: suffix) }) { return count }
    }
    return 0
  }

  private mutating func emit(_ count: Int, _ output: inout [ReplyEvent]) {
    guard count > 0 else { return }
    output.append(.text(Text(plain: String(decoding: self.held[..<count], as: UTF8.self))))
    self.held.removeFirst(count)
  }

  private mutating func flush(_ output: inout [ReplyEvent]) { self.emit(self.held.count, &output) }

  /// The same for an answer that came whole.
  static func cut(_ reply: inout Reply, at stops: [String]) {
    guard !stops.isEmpty else { return }
    var scanner = StopScanner(stops)
    for (index, part) in reply.parts.enumerated() {
      guard case .text(let text, let citations) = part else { continue }
      scanner.held = text.plainBytes
      guard let (start, stop) = scanner.firstMatch() else { continue }
      let rest = Text(plain: String(decoding: scanner.held[..<start], as: UTF8.self))
      reply.parts.removeSubrange(index...)
      if !rest.isEmpty { reply.parts.append(.text(rest, citations: citations)) }
      reply.stop = .stopSequence(String(decoding: stop, as: UTF8.self))
      return
    }
  }
}
