import Platform
import Tokens
import Wire

/// The figures of one encoding, one `key value` a line.
struct TokenBench {
  private let name: EncodingName
  private let vocabulary: Vocabulary
  private let residentBefore: Int

  init(_ name: EncodingName, folder: String) throws {
    self.name = name
    let path = "\(folder)/\(name.fileName)"
    func open() throws -> Vocabulary {
      let file = try MappedFile(path: path)
      return try Vocabulary(file.bytes, keeping: file)
    }
    self.residentBefore = Gauge.residentBytes()
    let start = Gauge.seconds()
    self.vocabulary = try open()
    print("\(name.rawValue) open_us \(Int((Gauge.seconds() - start) * 1e6))")
  }

  private func report(_ key: String, _ value: Double) {
    print("\(self.name.rawValue) \(key) \((value * 100).rounded() / 100)")
  }

  func texts(_ text: [UInt8]) {
    let scratch = TokenScratch(self.vocabulary)
    var tokens = 0
    let cold = Gauge.best(of: 1) { tokens = scratch.count(text.span) }
    let warm = Gauge.best(of: 5) { tokens = scratch.count(text.span) }
    self.report("resident_mb", Double(Gauge.residentBytes() - self.residentBefore) / 1e6)
    let ids = Gauge.best(of: 3) { tokens = scratch.encode(text.span).count }
    print("\(self.name.rawValue) tokens \(tokens)")
    self.report("count_first_mb_s", Double(text.count) / cold / 1e6)
    self.report("count_mb_s", Double(text.count) / warm / 1e6)
    self.report("ids_mb_s", Double(text.count) / ids / 1e6)
  }

  /// A request of 200 KB with ten messages; then the whole text as one message, in slices.
  func requests(_ text: [UInt8]) {
    var writer: [UInt8] = Array(#"{"model":"m","messages":["#.utf8)
    for index in 0..<10 {
      if index > 0 { writer.append(0x2C) }
      writer += Self.message(text.dropFirst(index * 20_000).prefix(20_000))
    }
    writer += Array("]}".utf8)
    guard let small = try? JSONDocument(writer),
      let large = try? JSONDocument(
        Array(#"{"messages":["#.utf8) + Self.message(text[...]) + Array("]}".utf8))
    else { return }
    let rules = CountingRules(encoding: self.name)
    let best = Gauge.best(of: 20) {
      // A new counter each time: nothing is remembered from the round before.
      _ = TokenCounter(Vocabularies([self.vocabulary]), rules).tokens(small, model: "m")
    }
    self.report("request_200k_ms", best * 1e3)
    var counting = TokenCounter(Vocabularies([self.vocabulary]), rules).count(large, model: "m")
    var longest = 0.0
    var isDone = false
    while !isDone {
      longest = max(longest, Gauge.best(of: 1) { isDone = counting.advance(RequestCounting.slice) != nil })
    }
    self.report("longest_slice_ms", longest * 1e3)
  }

  private static func message(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var message = Array(#"{"role":"user","content":""#.utf8)
    // Whole characters only.
    let plain = Array(String(decoding: text, as: UTF8.self).utf8)
    JSONText.escape(plain.span, to: &message)
    return message + Array(#""}"#.utf8)
  }

  /// Runs of a character: what a byte costs must not grow with their length.
  func runs() {
    let scratch = TokenScratch(self.vocabulary)
    for (spelled, unit) in [
      ("letter", "a"), ("space", " "), ("digit", "7"), ("pair", "ab"), ("ideograph", "中"),
    ] {
      for size in [1_000, 10_000, 100_000, 1_000_000] {
        let text = Array(String(repeating: unit, count: size / unit.utf8.count).utf8)
        let best = Gauge.best(of: 3) { _ = scratch.count(text.span) }
        self.report("run_\(spelled)_\(size)_ns_per_byte", best * 1e9 / Double(text.count))
      }
      let text = Array(String(repeating: unit, count: 1_000_000).utf8)
      var counting = TextCounting(self.name)
      var longest = 0.0
      var isDone = false
      while !isDone {
        longest = max(
          longest,
          Gauge.best(of: 1) {
            var budget = RequestCounting.slice
            isDone = counting.advance(text.span, budget: &budget, scratch)
          })
      }
      self.report("run_\(spelled)_longest_slice_ms", longest * 1e3)
    }
  }
}
