package enum RequestProgress: Equatable, Sendable {
  case needsMore
  case head(RequestHead)
  /// Nothing further can be read from this connection: where the next request would begin is not known.
  case refused(RequestFault)
}

/// Takes the heads of HTTP/1.1 requests from a queue, one after the other, refusing whatever two readers could
/// understand differently.
///
/// A line leaves the queue once it is complete, and no byte is searched twice, so a head costs time in proportion
/// to its size however it is cut. What is kept is bounded by the limits; a host that reads ahead bounds its queue.
/// After a head the queue begins with its body, and the parser is ready for the next request.
package struct RequestParser: Sendable {
  private enum State {
    case betweenRequests(emptyLines: Int)
    case inFields(RequestDraft)
    case refused(RequestFault)
  }

  /// RFC 9112 2.2 asks for one at least, for clients that end a body with a line end too many.
  private static let toleratedEmptyLines = 2

  private let limits: RequestLimits
  private var state = State.betweenRequests(emptyLines: 0)
  /// How much of the unfinished line at the front of the queue holds no line end.
  private var searched = 0

  package init(limits: RequestLimits = RequestLimits()) {
    self.limits = limits
  }

  /// Whether a request has begun: its first byte has been taken from the queue.
  package var isInRequest: Bool {
    switch self.state {
    case .betweenRequests: false
    case .inFields, .refused: true
    }
  }

  package mutating func advance(_ input: inout ByteQueue) -> RequestProgress {
    var taken = 0
    let progress: RequestProgress
    do throws(RequestFault) {
      progress = try self.read(input.span, &taken)
    } catch {
      self.state = .refused(error)
      progress = .refused(error)
    }
    input.consume(taken)
    return progress
  }

  private mutating func read(_ bytes: Span<UInt8>, _ taken: inout Int) throws(RequestFault) -> RequestProgress
  {
    switch self.state {
    case .betweenRequests(let emptyLines):
      guard let draft = try self.readRequestLine(bytes, &taken, after: emptyLines) else { return .needsMore }
      return try self.readFields(bytes, &taken, of: draft)
    case .inFields(let draft):
      // So that the draft has one owner and grows in place.
      self.state = .betweenRequests(emptyLines: 0)
      return try self.readFields(bytes, &taken, of: draft)
    case .refused(let fault):
      throw fault
    }
  }

  private mutating func readRequestLine(
    _ bytes: Span<UInt8>, _ taken: inout Int, after emptyLines: Int
  ) throws(RequestFault) -> RequestDraft? {
    var emptyLines = emptyLines
    while let line = try self.nextLine(of: bytes, from: taken, isRequestLine: true) {
      taken = line.upperBound + 2
      if !line.isEmpty {
        return try RequestDraft(line: bytes.extracting(line))
      }
      emptyLines += 1
      if emptyLines > Self.toleratedEmptyLines { throw RequestFault(400, "A request line was expected.") }
    }
    self.state = .betweenRequests(emptyLines: emptyLines)
    return nil
  }

  private mutating func readFields(
    _ bytes: Span<UInt8>, _ taken: inout Int, of draft: consuming RequestDraft
  ) throws(RequestFault) -> RequestProgress {
    let start = taken
    var isComplete = false
    while !isComplete, let line = try self.nextLine(of: bytes, from: taken, isRequestLine: false) {
      taken = line.upperBound + 2
      isComplete = line.isEmpty
      if !isComplete {
        try draft.take(field: bytes.extracting(line), at: line.lowerBound - start, self.limits)
      }
    }
    draft.keep(bytes.extracting(start..<taken))
    if isComplete {
      self.state = .betweenRequests(emptyLines: 0)
      return .head(try draft.finish())
    }
    self.state = .inFields(draft)
    return .needsMore
  }

  /// The line that begins at `start`, without its end; nil, with the place remembered, while the end is missing.
  private mutating func nextLine(
    of bytes: Span<UInt8>, from start: Int, isRequestLine: Bool
  ) throws(RequestFault) -> Range<Int>? {
    let stop = HTTPBytes.firstControl(in: bytes, from: start + self.searched)
    if isRequestLine {
      if stop - start > self.limits.lineBytes { throw RequestFault(414, "The request line is too long.") }
    } else if stop - start > self.limits.fieldBytes - 2 {
      throw RequestFault(431, "A header field is too long.")
    }
    self.searched = stop - start
    if stop == bytes.count { return nil }
    // RFC 9112 2.2 lets a recipient take a bare LF for a line end, and have a blank for a bare CR. Another hop
    // may do otherwise, so both are refused; RFC 9110 5.5 has NUL and the other control bytes refused.
    if bytes[stop] != HTTPBytes.carriageReturn { throw Self.fault(forControl: bytes[stop]) }
    if stop + 1 == bytes.count { return nil }
    if bytes[stop + 1] != HTTPBytes.lineFeed {
      throw RequestFault(400, "A carriage return stands alone in the head.")
    }
    self.searched = 0
    return start..<stop
  }

  private static func fault(forControl byte: UInt8) -> RequestFault {
    byte == HTTPBytes.lineFeed
      ? RequestFault(400, "A line of the head ends without a carriage return.")
      : RequestFault(400, "There is a control byte in the head.")
  }
}
