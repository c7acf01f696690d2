import Wire

/// What is seen of an input that comes in pieces.
struct Reading: Equatable {
  private static let bodyLimit = 4096

  private(set) var heads: [RequestHead] = []
  private var bodies: [[UInt8]] = []
  private var fault: RequestFault?
  /// What nobody has taken yet, if nothing was refused.
  private var rest: [UInt8] = []

  init(_ bytes: [UInt8], cutAt cuts: [Int]) {
    var parser = RequestParser()
    var decoder: BodyDecoder?
    var body: [UInt8] = []
    var queue = ByteQueue()
    var fed = 0
    for end in cuts + [bytes.count] {
      queue.append(Array(bytes[fed..<end]))
      fed = end
      while self.fault == nil, self.step(&parser, &decoder, &body, &queue) {}
      // Too dear for each byte of a large input.
      if cuts.count < 8 || end == bytes.count { Self.checkRest(queue, of: bytes[..<fed]) }
    }
    if self.fault == nil {
      self.rest = Self.array(queue.span)
      self.bodies.append(body)
    }
  }

  /// Whether there may be more to see.
  private mutating func step(
    _ parser: inout RequestParser, _ decoder: inout BodyDecoder?, _ body: inout [UInt8],
    _ queue: inout ByteQueue
  ) -> Bool {
    if let progress = decoder?.advance(&queue, into: &body) {
      claim(body.count <= Self.bodyLimit, "a body is longer than its limit")
      switch progress {
      case .needsMore:
        claim(queue.count <= 4097, "a decoder leaves more than a line behind")
        return false
      case .refused(let fault): self.fault = fault
      case .complete:
        if case .length(let length)? = self.heads.last?.framing {
          claim(body.count == length, "a body is not as long as it said")
        }
        self.bodies.append(body)
        body = []
        decoder = nil
      }
      return true
    }
    switch parser.advance(&queue) {
    case .needsMore:
      claim(queue.count <= 8191, "a parser leaves more than a line behind")
      return false
    case .refused(let fault): self.fault = fault
    case .head(let head):
      self.heads.append(head)
      decoder = BodyDecoder(framing: head.framing, limit: Self.bodyLimit)
    }
    return true
  }

  /// What is left in the queue is the end of what came, byte for byte.
  private static func checkRest(_ queue: ByteQueue, of fed: ArraySlice<UInt8>) {
    claim(queue.count <= fed.count, "a queue holds more than came")
    claim(Self.array(queue.span)[...] == fed.suffix(queue.count), "a queue holds other bytes than came")
  }

  static func array(_ bytes: Span<UInt8>) -> [UInt8] {
    var array: [UInt8] = []
    array.append(copying: bytes)
    return array
  }
}
