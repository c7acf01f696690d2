/// A request head of which the request line and some fields have been read.
internal struct RequestDraft {
  private let line: RequestLine
  private var fields: HeaderFields
  private var fieldsSeen = 0
  private var hasHost = false
  private var hasContentType = false
  private var length: Int?
  private var isChunked = false
  private var closes = false
  private var asksToKeepAlive = false
  private var expectsContinue = false

  init(line: Span<UInt8>) throws(RequestFault) {
    // A typical head's; more than that have to arrive first.
    var fields = HeaderFields()
    fields.reserve(bytes: 0, fields: 20)
    self.line = try RequestLine(line)
    self.fields = fields
  }

  /// Takes the line that stands at `offset` of the block given to `keep` afterwards.
  mutating func take(field line: Span<UInt8>, at offset: Int, _ limits: RequestLimits) throws(RequestFault) {
    self.fieldsSeen += 1
    if self.fieldsSeen > limits.fields { throw RequestFault(431, "There are too many header fields.") }
    var colon = HTTPBytes.firstOutsideOrdinaryName(in: line, from: 0)
    var hasUnderscore = false
    while colon < line.count, HTTPBytes.isToken(line[colon]) {
      hasUnderscore = hasUnderscore || line[colon] == UInt8(ascii: "_")
      colon = HTTPBytes.firstOutsideOrdinaryName(in: line, from: colon + 1)
    }
    if colon == 0 || colon == line.count || line[colon] != HTTPBytes.colon {
      throw Self.fault(inNameOf: line, at: colon)
    }
    if hasUnderscore {
      // Such a name could pose as another (gunicorn's header_map).
      switch limits.underscores {
      case .drop: return
      case .refuse: throw RequestFault(400, "There is an underscore in a header field's name.")
      case .pass: break
      }
    }
    let value = HTTPBytes.trimmed(colon + 1..<line.count, of: line)
    try self.note(line.extracting(0..<colon), line.extracting(value))
    self.fields.append(
      checkedName: offset..<offset + colon,
      checkedValue: offset + value.lowerBound..<offset + value.upperBound)
  }

  mutating func keep(_ block: Span<UInt8>) {
    self.fields.append(block: block)
  }

  consuming func finish() throws(RequestFault) -> RequestHead {
    let isFirstVersion = self.line.minorVersion == 0
    if !isFirstVersion && !self.hasHost { throw RequestFault(400, "The Host header field is missing.") }
    if self.isChunked {
      // RFC 9112 6.1: such a message was framed by somebody who does not know what chunked means.
      if isFirstVersion { throw RequestFault(400, "HTTP/1.0 has no Transfer-Encoding.") }
      if self.length != nil {
        throw RequestFault(400, "Both Content-Length and Transfer-Encoding are given.")
      }
    }
    let framing: BodyFraming = self.isChunked ? .chunked : self.length.map(BodyFraming.length) ?? .none
    return RequestHead(
      method: self.line.method, target: self.line.target, path: self.line.path, query: self.line.query,
      targetAuthority: self.line.authority, minorVersion: self.line.minorVersion, fields: self.fields,
      framing: framing, keepsAlive: !self.closes && (!isFirstVersion || self.asksToKeepAlive),
      // RFC 9110 10.1.1: not from HTTP/1.0, and needless without a body.
      expectsContinue: self.expectsContinue && !isFirstVersion && framing != .none && framing != .length(0))
  }

  /// Fields that decide how the message and the connection are read on.
  private mutating func note(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(RequestFault) {
    switch name.count {
    case 4 where HTTPBytes.equal(name, "host"):
      if self.hasHost { throw RequestFault(400, "There is more than one Host header field.") }
      if !RequestLine.isAuthority(value) { throw RequestFault(400, "The Host header field is not valid.") }
      self.hasHost = true
    case 6 where HTTPBytes.equal(name, "expect"):
      if !HTTPBytes.equal(value, "100-continue") {
        throw RequestFault(417, "Nothing but 100-continue can be expected.")
      }
      self.expectsContinue = true
    case 10 where HTTPBytes.equal(name, "connection"):
      self.closes = self.closes || ListElements.contains("close", in: value)
      self.asksToKeepAlive = self.asksToKeepAlive || ListElements.contains("keep-alive", in: value)
    case 12 where HTTPBytes.equal(name, "content-type"):
      if self.hasContentType { throw RequestFault(400, "There is more than one Content-Type header field.") }
      self.hasContentType = true
    case 14 where HTTPBytes.equal(name, "content-length"):
      if self.length != nil { throw RequestFault(400, "There is more than one Content-Length header field.") }
      self.length = try Self.length(value)
    case 17 where HTTPBytes.equal(name, "transfer-encoding"):
      try self.noteCodings(value)
    default:
      break
    }
  }

  /// RFC 9112 6.1 and 6.3: chunked once and last; codings beside it are none we decode.
  private mutating func noteCodings(_ value: Span<UInt8>) throws(RequestFault) {
    var elements = ListElements()
    while let range = elements.next(of: value) {
      let coding = value.extracting(range)
      if self.isChunked { throw RequestFault(400, "The chunked transfer coding is not the last one.") }
      if !HTTPBytes.isToken(coding) { throw RequestFault(400, "Transfer-Encoding is not valid.") }
      if !HTTPBytes.equal(coding, "chunked") { throw RequestFault(501, "The transfer coding is not known.") }
      self.isChunked = true
    }
  }

  /// RFC 9110 8.6: digits and nothing else; a list of equal numbers is refused too.
  private static func length(_ value: Span<UInt8>) throws(RequestFault) -> Int {
    if value.isEmpty { throw RequestFault(400, "Content-Length is not a number.") }
    var length = 0
    var overflows = false
    for index in value.indices {
      if !HTTPBytes.isDigit(value[index]) { throw RequestFault(400, "Content-Length is not a number.") }
      let tens = length.multipliedReportingOverflow(by: 10)
      let sum = tens.partialValue.addingReportingOverflow(Int(value[index] & 0x0F))
      overflows = overflows || tens.overflow || sum.overflow
      length = sum.partialValue
    }
    if overflows { throw RequestFault(413, "The body is too large.") }
    return length
  }

  private static func fault(inNameOf line: Span<UInt8>, at index: Int) -> RequestFault {
    if index < line.count, HTTPBytes.isBlank(line[index]) {
      // RFC 9112 5.2 (obs-fold) and 2.2 (blank before the first field); 5.1 (blank before the colon).
      return index == 0
        ? RequestFault(400, "A header line begins with a blank.")
        : RequestFault(400, "There is a blank in a header field's name.")
    }
    return RequestFault(400, "A header line has no valid name.")
  }
}
