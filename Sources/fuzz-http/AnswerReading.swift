import Wire

/// What is seen of an upstream's answer that comes in pieces.
struct AnswerReading: Equatable {
  private var status: Int?
  private var body: [UInt8] = []
  /// Where it ended by itself.
  private var end: Int?
  private var isRefused = false
  private var ending: ReplyParser.Ending
  private var allowsNext: Bool

  init(_ bytes: [UInt8], cutAt cuts: [Int]) {
    var parser = ReplyParser()
    var fed = 0
    self.ending = parser.ending
    self.allowsNext = false
    for cut in cuts + [bytes.count] where self.end == nil && !self.isRefused {
      let piece = Array(bytes[fed..<cut])
      var position = 0
      while self.step(&parser, piece, &position, at: fed) {}
      fed = cut
    }
    self.ending = parser.ending
    self.allowsNext = parser.allowsNext
    claim(self.body.count <= bytes.count, "a body is longer than all that came")
    claim(self.status != nil || self.body.isEmpty, "a body without a head")
    if self.end != nil { claim(self.status != nil && self.ending == .whole, "an end without an answer") }
  }

  /// Whether there may be more to see.
  private mutating func step(
    _ parser: inout ReplyParser, _ piece: [UInt8], _ position: inout Int, at offset: Int
  ) -> Bool {
    let before = position
    switch parser.step(piece.span, &position) {
    case .needsMore:
      claim(position == piece.count, "bytes are left while more are wanted")
      return false
    case .head(let head):
      claim(self.status == nil && (200...999).contains(head.status), "a head")
      self.status = head.status
      HeadClaims.check(fieldsOf: head.fields)
    case .body(let range):
      claim(!range.isEmpty && range.lowerBound >= before && range.upperBound == position, "a part of a body")
      self.body += piece[range]
    case .end:
      self.end = offset + position
      return false
    case .refused:
      self.isRefused = true
      return false
    }
    return true
  }
}
