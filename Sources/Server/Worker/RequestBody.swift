internal import Gateway
internal import Inflate
internal import Wire

/// The body of one request on its way in: out of its framing, and out of its compression if it has one.
struct RequestBody {
  enum Progress {
    case needsMore
    /// There is more of it here, but others wait for their turn.
    case paused
    case complete
    case refused(ErrorReply)
  }

  private var decoder: BodyDecoder
  private let inflater: Inflater?
  /// What has come and is not decoded yet, and how much of it is.
  private var encoded: [UInt8] = []
  private var decodedBytes = 0
  private var isWhole = false

  /// What is decoded in one turn: half a millisecond's work.
  private static let sliceBytes = 256 * 1024

  /// `limit` counts decoded bytes; what is sent may not be longer either.
  init(_ framing: BodyFraming, described fields: HeaderFields, limit: Int) throws(ErrorReply) {
    self.decoder = BodyDecoder(framing: framing, limit: limit)
    guard framing != .none, fields.contains("content-encoding") else {
      self.inflater = nil
      return
    }
    do throws(InflateFault) {
      let coding = try ContentCoding.named(by: fields.values(of: "content-encoding"))
      self.inflater = coding.flatMap { Inflater($0, limit: limit) }
    } catch {
      throw ErrorReply(error)
    }
  }

  mutating func advance(_ input: inout ByteQueue, into body: inout [UInt8]) -> Progress {
    guard let inflater = self.inflater else {
      return Progress(self.decoder.advance(&input, into: &body))
    }
    do throws(InflateFault) {
      if self.decodedBytes == self.encoded.count {
        self.encoded.removeAll(keepingCapacity: true)
        self.decodedBytes = 0
        switch self.decoder.advance(&input, into: &self.encoded) {
        case .needsMore: break
        case .complete: self.isWhole = true
        case .refused(let fault): return .refused(.malformed(fault))
        }
      }
      let begun = self.decodedBytes
      let slice = try inflater.feed(
        self.encoded.span.extracting(begun..<self.encoded.count), into: &body, slice: Self.sliceBytes)
      self.decodedBytes = begun + slice.taken
      if slice.hasMore { return .paused }
      guard self.isWhole else { return .needsMore }
      try inflater.finish()
      return .complete
    } catch {
      return .refused(ErrorReply(error))
    }
  }
}

extension RequestBody.Progress {
  fileprivate init(_ progress: BodyProgress) {
    switch progress {
    case .needsMore: self = .needsMore
    case .complete: self = .complete
    case .refused(let fault): self = .refused(.malformed(fault))
    }
  }
}

extension ErrorReply {
  fileprivate init(_ fault: InflateFault) {
    switch fault {
    case .unknownCoding:
      self.init(
        status: 400, message: "The body's Content-Encoding is neither gzip nor zstd.",
        code: "unsupported_content_encoding")
    case .damaged:
      self.init(
        status: 400, message: "The body is not what its Content-Encoding says, or is cut short.",
        code: "invalid_content_encoding")
    case .tooLarge:
      self.init(status: 413, message: "The body is too large.")
    }
  }
}
