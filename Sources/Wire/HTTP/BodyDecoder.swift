package enum BodyProgress: Equatable, Sendable {
  case needsMore
  case complete
  /// Nothing further can be read from this connection.
  case refused(RequestFault)
}

/// Takes the body of one request from a queue and leaves the next request behind.
///
/// The limit counts decoded bytes and is looked at before they are stored. Chunk extensions and trailers are
/// checked and thrown away, both within bounds of their own.
package struct BodyDecoder: Sendable {
  private enum State {
    case length(remaining: Int)
    case chunkSize
    case chunkData(remaining: Int)
    case chunkEnd
    case trailers(lines: Int, bytes: Int)
    case complete
    case refused(RequestFault)
  }

  private enum Bound {
    static let line = 4096
    static let extensions = 16 * 1024
    static let trailerLines = 100
    static let trailers = 16 * 1024
  }

  private static let notInTrailers: [StaticString] = [
    "transfer-encoding", "content-length", "host", "content-type", "content-encoding", "content-range",
    "trailer", "te", "connection", "expect", "authorization", "x-api-key", "cookie",
  ]

  private let limit: Int
  private var state: State
  private var decoded = 0
  private var extensions = 0
  /// How much of the unfinished line at the front of the queue holds no line end.
  private var searched = 0

  package init(framing: BodyFraming, limit: Int) {
    self.limit = max(limit, 0)
    switch framing {
    case .none, .length(0): self.state = .complete
    case .length(let length) where length > self.limit: self.state = .refused(Self.tooLarge)
    case .length(let length): self.state = .length(remaining: max(length, 0))
    case .chunked: self.state = .chunkSize
    }
  }

  package mutating func advance(_ input: inout ByteQueue, into body: inout [UInt8]) -> BodyProgress {
    var taken = 0
    let progress: BodyProgress
    do throws(RequestFault) {
      progress = try self.read(input.span, &taken, into: &body) ? .complete : .needsMore
    } catch {
      self.state = .refused(error)
      progress = .refused(error)
    }
    input.consume(taken)
    return progress
  }

  private static let tooLarge = RequestFault(413, "The body is too large.")

  /// Whether the body is complete; false while bytes are missing.
  private mutating func read(
    _ bytes: Span<UInt8>, _ taken: inout Int, into body: inout [UInt8]
  ) throws(RequestFault) -> Bool {
    while true {
      switch self.state {
      case .complete:
        return true
      case .refused(let fault):
        throw fault
      case .length(let remaining):
        let rest = self.copy(remaining, of: bytes, &taken, into: &body)
        self.state = rest == 0 ? .complete : .length(remaining: rest)
        if rest > 0 { return false }
      case .chunkData(let remaining):
        let rest = self.copy(remaining, of: bytes, &taken, into: &body)
        self.state = rest == 0 ? .chunkEnd : .chunkData(remaining: rest)
        if rest > 0 { return false }
      case .chunkEnd:
        guard let line = try self.nextLine(of: bytes, &taken, limit: 0) else { return false }
        if !line.isEmpty { throw RequestFault(400, "A chunk does not end where it should.") }
        self.state = .chunkSize
      case .chunkSize:
        guard let line = try self.nextLine(of: bytes, &taken, limit: Bound.line) else { return false }
        try self.begin(chunk: bytes.extracting(line))
      case .trailers(let lines, let size):
        guard let line = try self.nextLine(of: bytes, &taken, limit: Bound.line) else { return false }
        if line.isEmpty {
          self.state = .complete
          continue
        }
        if lines == Bound.trailerLines || size + line.count > Bound.trailers {
          throw RequestFault(431, "The trailer section is too large.")
        }
        try Self.check(trailer: bytes.extracting(line))
        self.state = .trailers(lines: lines + 1, bytes: size + line.count)
      }
    }
  }

  /// What is still missing after that.
  private func copy(
    _ remaining: Int, of bytes: Span<UInt8>, _ taken: inout Int, into body: inout [UInt8]
  ) -> Int {
    let part = min(remaining, bytes.count - taken)
    body.append(copying: bytes.extracting(taken..<taken + part))
    taken += part
    return remaining - part
  }

  private mutating func nextLine(
    of bytes: Span<UInt8>, _ taken: inout Int, limit: Int
  ) throws(RequestFault) -> Range<Int>? {
    let start = taken
    let stop = HTTPBytes.firstControl(in: bytes, from: start + self.searched)
    if stop - start > limit {
      throw limit == 0
        ? RequestFault(400, "A chunk does not end where it should.")
        : RequestFault(400, "A line between the chunks is too long.")
    }
    self.searched = stop - start
    if stop == bytes.count { return nil }
    // RFC 9112 7.1 knows no bare CR, bare LF or other control byte anywhere between the chunks' data.
    if bytes[stop] != HTTPBytes.carriageReturn {
      throw RequestFault(400, "There is a control byte between the chunks.")
    }
    if stop + 1 == bytes.count { return nil }
    if bytes[stop + 1] != HTTPBytes.lineFeed {
      throw RequestFault(400, "A carriage return stands alone between the chunks.")
    }
    self.searched = 0
    taken = stop + 2
    return start..<stop
  }

  /// RFC 9112 7.1: hexadecimal digits, then perhaps extensions. No sender may put a blank before their semicolon (7.1.1),
  /// and not every reader takes one.
  private mutating func begin(chunk line: Span<UInt8>) throws(RequestFault) {
    var size = 0
    var index = 0
    var overflows = false
    while index < line.count, let digit = HTTPBytes.hexadecimal(line[index]) {
      let shifted = size.multipliedReportingOverflow(by: 16)
      overflows = overflows || shifted.overflow
      size = shifted.partialValue | digit
      index += 1
    }
    let digits = index
    let hasExtension = index < line.count && line[index] == HTTPBytes.semicolon
    if digits == 0 || !hasExtension && digits < line.count {
      throw RequestFault(400, "A chunk's size is not valid.")
    }
    self.extensions += line.count - digits
    if self.extensions > Bound.extensions { throw RequestFault(400, "The chunk extensions are too long.") }
    if overflows || size > self.limit - self.decoded { throw Self.tooLarge }
    self.decoded += size
    self.state = size == 0 ? .trailers(lines: 0, bytes: 0) : .chunkData(remaining: size)
  }

  /// RFC 9110 6.5.1: framing, routing and authentication do not belong behind the body.
  private static func check(trailer line: Span<UInt8>) throws(RequestFault) {
    var colon = 0
    while colon < line.count, HTTPBytes.isToken(line[colon]) { colon += 1 }
    if colon == 0 || colon == line.count || line[colon] != HTTPBytes.colon {
      throw RequestFault(400, "A trailer line has no valid name.")
    }
    let name = line.extracting(0..<colon)
    for word in Self.notInTrailers where HTTPBytes.equal(name, word) {
      throw RequestFault(400, "A trailer field may not stand behind the body.")
    }
  }
}
