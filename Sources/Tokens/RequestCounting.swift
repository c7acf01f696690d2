internal import Wire

/// The counting of one request, which may be stopped anywhere and gone on with later.
package struct RequestCounting {
  private enum Work {
    case none
    case text(TextCounting, JSONSlice)
    case unescaping(JSONFlow)
    case buffer(TextCounting)
    case pages(PageCounting)
  }

  private let document: JSONDocument
  private let family: ModelFamily
  private let rules: CountingRules
  /// Nil counts characters.
  private let scratch: TokenScratch?
  private var walk: RequestWalk
  private var work = Work.none
  private var buffer: [UInt8] = []

  /// Tokens, or characters where there is no table.
  private var total = 0
  private var images = 0
  /// Of the turn at hand; earlier ones are not shown to the model again.
  private var reasoning = 0
  private var isReasoning = false

  init(
    _ document: JSONDocument, _ family: ModelFamily, _ rules: CountingRules, _ scratch: TokenScratch?,
    prompt: String = ""
  ) {
    self.document = document
    self.family = family
    self.rules = rules
    self.scratch = scratch
    self.walk = RequestWalk(document.root, family)
    guard !prompt.isEmpty else { return }
    // A system prompt is framed as the client's own would be.
    self.total = scratch.map { $0.count(prompt.utf8Span.span) + 4 } ?? prompt.unicodeScalars.count
  }

  /// What the texts are counted by; nil: by their characters.
  package var encoding: EncodingName? { self.scratch?.vocabulary.name }

  /// How long the request is: about what all its slices come to.
  package var bytes: Int { self.document.bytes.count }

  /// About as many bytes take 1 ms at the slowest.
  package static let slice = 16 << 10

  /// Goes on for about as many bytes; the result when everything is counted.
  package mutating func advance(_ bytes: Int) -> Int? {
    var budget = max(1, bytes)
    while budget > 0 {
      guard self.finishWork(&budget) else { continue }
      if self.walk.isDone { return self.result }
      budget -= min(budget, 16)
      if let part = self.walk.next() { self.begin(part) }
    }
    return nil
  }

  private var result: Int {
    let sum = self.total + self.reasoning
    guard self.scratch == nil else { return max(1, sum) }
    return self.rules.tokens(characters: sum, images: self.images)
  }

  private mutating func begin(_ part: RequestPart) {
    self.isReasoning = false
    switch part {
    case .framing(let count):
      if self.scratch != nil { self.total += count }
    case .value(let value):
      self.begin(value)
    case .reasoning(let value):
      self.isReasoning = true
      self.begin(value)
    case .turn:
      self.reasoning = 0
    case .image(let data, let isLowDetail):
      self.image(data, isLowDetail)
    case .pages(let value):
      if self.scratch != nil, let pages = PageCounting(value) {
        self.work = .pages(pages)
      } else {
        self.images += 1
      }
    }
  }

  private mutating func begin(_ value: JSONValue) {
    if let scratch = self.scratch, let content = value.content, !value.hasEscapes {
      self.work = .text(TextCounting(scratch.vocabulary.name), content)
    } else {
      self.buffer.removeAll(keepingCapacity: true)
      self.work = .unescaping(JSONFlow(value))
    }
  }

  private mutating func image(_ data: JSONValue?, _ isLowDetail: Bool) {
    guard self.scratch != nil else {
      self.images += 1
      return
    }
    guard let data, let bytes = MediaBytes(data), let size = ImageSize(bytes) else {
      self.total += self.rules.imageEquivalent
      return
    }
    self.total += self.family.tokens(size, isLowDetail: isLowDetail)
  }

  /// True when nothing is at hand any more.
  private mutating func finishWork(_ budget: inout Int) -> Bool {
    // Taken out, so that what grows in it is not copied.
    let work = self.work
    self.work = .none
    let bytes = self.document.bytes
    switch work {
    case .none:
      return true
    case .text(var counting, let slice):
      guard let tokens = self.finish(&counting, bytes.span.extracting(slice.range), &budget) else {
        self.work = .text(counting, slice)
        return false
      }
      self.add(tokens)
    case .buffer(var counting):
      guard let tokens = self.finish(&counting, self.buffer.span, &budget) else {
        self.work = .buffer(counting)
        return false
      }
      self.add(tokens)
    case .unescaping(var flow):
      let isDone = flow.advance(bytes.span, to: &self.buffer, budget: &budget)
      if self.scratch == nil { self.countCharacters() }
      if !isDone {
        self.work = .unescaping(flow)
      } else if let scratch = self.scratch {
        self.work = .buffer(TextCounting(scratch.vocabulary.name))
      }
      return false
    case .pages(var pages):
      guard pages.advance(bytes.span, budget: &budget) else {
        self.work = .pages(pages)
        return false
      }
      self.add(pages.tokens)
    }
    return true
  }

  private func finish(_ counting: inout TextCounting, _ text: Span<UInt8>, _ budget: inout Int) -> Int? {
    guard let scratch = self.scratch else { return 0 }
    return counting.advance(text, budget: &budget, scratch) ? counting.tokens : nil
  }

  private mutating func countCharacters() {
    var count = 0
    for byte in self.buffer where byte & 0xC0 != 0x80 { count += 1 }
    if self.isReasoning { self.reasoning += count } else { self.total += count }
    self.buffer.removeAll(keepingCapacity: true)
  }

  private mutating func add(_ count: Int) {
    if self.isReasoning { self.reasoning += count } else { self.total += count }
  }
}
