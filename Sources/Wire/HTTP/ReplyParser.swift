/// Takes one answer of an upstream apart, as it comes: interim heads, the head, the body by its framing (RFC 9112 6.3).
///
/// It is more patient than what reads clients, since no upstream mends its ways for one reader: lines may end with
/// LF alone, and what stands behind a chunk's size or behind the last chunk is thrown away, within bounds.
package struct ReplyParser {
  package enum Step {
    case needsMore
    case head(ResponseHead)
    /// Of the body: where in the bytes it stands, and never empty.
    case body(Range<Int>)
    /// The answer is whole; what follows it is none of it.
    case end
    /// No HTTP, or nobody can say where it ends.
    case refused
  }

  /// What it means that the upstream sends no more.
  package enum Ending {
    case whole
    case truncated
    /// There was not even a line.
    case noAnswer
  }

  private enum State {
    case head
    case length(remaining: Int)
    case chunkSize(Int, digits: Int)
    /// Behind a chunk's size.
    case chunkLine(size: Int, bytes: Int)
    case chunkData(remaining: Int)
    case chunkEnd
    case trailers(Trailers)
    case untilClose
    case end
    case refused
  }

  private struct Trailers {
    var bytes = 0
    var lineBytes = 0
    /// Whether the line has a colon by now, or continues the one before.
    var isSound = false
  }

  private enum Bound {
    static let head = 128 * 1024
    static let chunkLine = 16 * 1024
    static let trailers = 128 * 1024
    /// Of a chunk's size; sixty bits.
    static let sizeDigits = 15
  }

  private var state = State.head
  /// Of a head that did not come at once.
  private var begun: [UInt8] = []
  /// Whether another answer may follow on the same connection.
  package private(set) var allowsNext = false
  /// Nothing has come yet.
  package private(set) var isUntouched = true

  package init() {}

  /// What comes next from `position` on, which moves behind it.
  package mutating func step(_ bytes: Span<UInt8>, _ position: inout Int) -> Step {
    while position < bytes.count {
      self.isUntouched = false
      switch self.state {
      case .head:
        if let head = self.readHead(bytes, &position) { return .head(head) }
      case .length(let remaining):
        let part = Self.part(remaining, of: bytes, &position)
        self.state = part.count == remaining ? .end : .length(remaining: remaining - part.count)
        return .body(part)
      case .chunkData(let remaining):
        let part = Self.part(remaining, of: bytes, &position)
        self.state = part.count == remaining ? .chunkEnd : .chunkData(remaining: remaining - part.count)
        return .body(part)
      case .untilClose:
        return .body(Self.part(bytes.count, of: bytes, &position))
      case .chunkSize, .chunkLine, .chunkEnd, .trailers:
        self.state = self.afterFraming(bytes[position])
        position += 1
      case .end: return .end
      case .refused: return .refused
      }
    }
    switch self.state {
    case .end: return .end
    case .refused: return .refused
    default: return .needsMore
    }
  }

  package var ending: Ending {
    switch self.state {
    case .head: self.begun.contains(HTTPBytes.lineFeed) ? .truncated : .noAnswer
    case .untilClose, .end: .whole
    default: .truncated
    }
  }

  private static func part(_ most: Int, of bytes: Span<UInt8>, _ position: inout Int) -> Range<Int> {
    let start = position
    position = start + min(most, bytes.count - start)
    return start..<position
  }

  // MARK: - The head

  /// The head, once it is whole and the last one.
  private mutating func readHead(_ bytes: Span<UInt8>, _ position: inout Int) -> ResponseHead? {
    let new = bytes.extracting(position..<bytes.count)
    if self.begun.isEmpty, let end = Self.headEnd(new, from: 0), end <= Bound.head {
      position += end
      return self.judge(new.extracting(0..<end))
    }
    let known = self.begun.count
    let taken = min(new.count, Bound.head - known)
    self.begun.append(copying: new.extracting(0..<taken))
    // The end may stand across the seam.
    guard let end = Self.headEnd(self.begun.span, from: max(0, known - 2)) else {
      position += taken
      let isHopeless = self.begun.count >= Bound.head || !Self.mayBegin(self.begun.span)
      if isHopeless { self.state = .refused }
      return nil
    }
    position += end - known
    var block: [UInt8] = []
    swap(&block, &self.begun)
    return self.judge(block.span.extracting(0..<end))
  }

  /// Behind the empty line that ends a head.
  private static func headEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    var index = start
    while true {
      index = HTTPBytes.firstControl(in: bytes, from: index)
      if index >= bytes.count { return nil }
      index += 1
      if bytes[index - 1] != HTTPBytes.lineFeed { continue }
      if index < bytes.count, bytes[index] == HTTPBytes.lineFeed { return index + 1 }
      if index + 1 < bytes.count, bytes[index] == HTTPBytes.carriageReturn,
        bytes[index + 1] == HTTPBytes.lineFeed
      {
        return index + 2
      }
    }
  }

  /// Whether this can become a head: whoever speaks another protocol is not waited for.
  private static func mayBegin(_ bytes: Span<UInt8>) -> Bool {
    let name: StaticString = "HTTP/1."
    return name.withUTF8Buffer { name in
      for index in 0..<min(bytes.count, name.count) where unsafe bytes[index] != name[index] { return false }
      return true
    }
  }

  private mutating func judge(_ block: Span<UInt8>) -> ResponseHead? {
    guard block.count > 9, Self.mayBegin(block), block[7] == 0x30 || block[7] == 0x31,
      block[8] == HTTPBytes.space,
      let status = ResponseHead.status(ofBlock: block)
    else {
      self.state = .refused
      return nil
    }
    // Interim: the real one follows.
    if status < 200 { return nil }
    guard let head = ResponseHead(parsing: block),
      let framing = self.framing(of: head, isOld: block[7] == 0x30)
    else {
      self.state = .refused
      return nil
    }
    self.state = framing
    return head
  }

  /// Nil: nobody can say where the body ends.
  private mutating func framing(of head: ResponseHead, isOld: Bool) -> State? {
    self.allowsNext =
      !head.fields.listContains("connection", "close")
      && (!isOld || head.fields.listContains("connection", "keep-alive"))
    if head.status == 204 || head.status == 304 { return .end }
    let hasLength = head.fields.contains("content-length")
    guard let chunkings = head.fields.chunkings else { return nil }
    if chunkings > 0 {
      // RFC 9112 6.1 and 6.3: such an answer is suspicious, and so is what comes after it.
      if hasLength || isOld || chunkings > 1 { self.allowsNext = false }
      return .chunkSize(0, digits: 0)
    }
    guard hasLength else {
      self.allowsNext = false
      return .untilClose
    }
    guard let length = head.fields.length else { return nil }
    return length == 0 ? .end : .length(remaining: length)
  }

  // MARK: - Between the chunks

  private func afterFraming(_ byte: UInt8) -> State {
    switch self.state {
    case .chunkSize(let size, let digits): Self.afterSize(size, digits, byte)
    case .chunkLine(let size, let bytes):
      if byte == HTTPBytes.lineFeed {
        size == 0 ? .trailers(Trailers()) : .chunkData(remaining: size)
      } else {
        bytes < Bound.chunkLine ? .chunkLine(size: size, bytes: bytes + 1) : .refused
      }
    case .chunkEnd:
      switch byte {
      case HTTPBytes.lineFeed: .chunkSize(0, digits: 0)
      case HTTPBytes.carriageReturn: .chunkEnd
      default: .refused
      }
    case .trailers(let trailers): Self.afterTrailer(trailers, byte)
    default: self.state
    }
  }

  private static func afterTrailer(_ before: Trailers, _ byte: UInt8) -> State {
    var trailers = before
    switch byte {
    case HTTPBytes.lineFeed where trailers.lineBytes == 0: return .end
    case HTTPBytes.lineFeed:
      trailers.lineBytes = 0
      return trailers.isSound ? .trailers(trailers) : .refused
    case HTTPBytes.carriageReturn where trailers.lineBytes == 0: return .trailers(trailers)
    default:
      if trailers.lineBytes == 0 { trailers.isSound = HTTPBytes.isBlank(byte) }
      if byte == HTTPBytes.colon { trailers.isSound = true }
      trailers.lineBytes += 1
      trailers.bytes += 1
      return trailers.bytes <= Bound.trailers ? .trailers(trailers) : .refused
    }
  }

  private static func afterSize(_ size: Int, _ digits: Int, _ byte: UInt8) -> State {
    if let digit = HTTPBytes.hexadecimal(byte) {
      // Zeros in front count as one.
      if size == 0 { return .chunkSize(digit, digits: 1) }
      return digits < Bound.sizeDigits ? .chunkSize(size << 4 | digit, digits: digits + 1) : .refused
    }
    if digits == 0 { return .refused }
    switch byte {
    case HTTPBytes.lineFeed:
      return size == 0 ? .trailers(Trailers()) : .chunkData(remaining: size)
    case HTTPBytes.carriageReturn, HTTPBytes.semicolon, HTTPBytes.space, HTTPBytes.tab:
      return .chunkLine(size: size, bytes: 0)
    default: return .refused
    }
  }
}

extension HeaderFields {
  /// How often the body is said to come in chunks: once is enough, and some gateways say it twice. Nil if it is said to be coded
  /// in any other way.
  fileprivate var chunkings: Int? {
    var count = 0
    for index in self.indices where HTTPBytes.equal(self.name(at: index), "transfer-encoding") {
      let value = self.value(at: index)
      var elements = ListElements()
      while let element = elements.next(of: value) {
        let coding = value.extracting(element)
        if HTTPBytes.equal(coding, "chunked") {
          count += 1
        } else if !coding.isEmpty, !HTTPBytes.equal(coding, "identity") {
          return nil
        }
      }
    }
    return count
  }

  /// What all fields and elements say, if they say the same number.
  fileprivate var length: Int? {
    var length: Int?
    for index in self.indices where HTTPBytes.equal(self.name(at: index), "content-length") {
      let value = self.value(at: index)
      var elements = ListElements()
      while let element = elements.next(of: value) {
        guard let number = HTTPBytes.decimal(value.extracting(element)), length == nil || length == number
        else {
          return nil
        }
        length = number
      }
    }
    return length
  }
}
