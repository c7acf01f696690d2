import Gateway
import Testing
import Wire

/// An exchange, and what its client gets.
final class ExchangeRun {
  static let date = "Sat, 01 Jan 2000 00:00:00 GMT"
  let exchange: any Exchange
  private var output = ByteQueue()

  init(
    _ speaks: ClientProtocol = .openAI, minorVersion: Int = 1, isHead: Bool = false, keepsAlive: Bool = true
  ) {
    self.exchange = RelayedExchange(
      for: Caller(
        speaks: speaks, requestName: "req_1", minorVersion: minorVersion, isHead: isHead,
        keepsAlive: keepsAlive))
  }

  init(_ exchange: any Exchange) {
    self.exchange = exchange
  }

  var sentStatus: Int? { self.exchange.sentStatus }
  var failure: ErrorReply? { self.exchange.failure }
  var relayedBytes: Int { self.exchange.relayedBytes }
  var bytes: [UInt8] { self.output.bytes }
  var text: String { String(decoding: self.bytes, as: UTF8.self) }
  var reply: Reply? { Reply(self.bytes) }

  @discardableResult
  func head(_ status: Int, _ fields: [(String, String)]) throws -> ExchangeStep {
    let head = ResponseHead(status: status, fields: try Requests.fields(fields))
    return self.exchange.headArrived(head, date: Self.date, to: &self.output)
  }

  @discardableResult
  func bytes(_ text: String) -> ExchangeStep { self.bytes(Array(text.utf8)) }

  @discardableResult
  func bytes(_ bytes: some Collection<UInt8>) -> ExchangeStep {
    self.exchange.bytesArrived(Array(bytes).span, date: Self.date, to: &self.output)
  }

  func finish() -> ExchangeStep { self.exchange.upstreamFinished(date: Self.date, to: &self.output) }
  func fail(_ error: ErrorReply) -> ExchangeStep {
    self.exchange.fail(error, date: Self.date, to: &self.output)
  }

  func counted(_ count: TokenCount, answer: Int = 0) -> ExchangeStep {
    self.exchange.counted(count, answer: answer, date: Self.date, to: &self.output)
  }
}

extension ByteQueue {
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(copying: self.span)
    return bytes
  }
}

/// A reply as a client reads it.
struct Reply {
  let status: Int
  let fields: [String: String]
  let body: [UInt8]
  /// It ended where its own framing says it does.
  let isWhole: Bool
  /// What stands behind it: on a kept connection, the beginning of the next reply.
  let rest: [UInt8]

  var text: String { String(decoding: self.body, as: UTF8.self) }

  init?(_ bytes: [UInt8]) {
    let separator = Array("\r\n\r\n".utf8)
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else { return nil }
    var lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let status = lines.removeFirst().split(separator: " ")
    guard status.count >= 2, status[0] == "HTTP/1.1", let code = Int(status[1]) else { return nil }
    self.status = code
    var fields: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      let (name, value) = (parts[0].lowercased(), String(parts[1].drop { $0 == " " }))
      fields[name] = fields[name].map { "\($0), \(value)" } ?? value
    }
    self.fields = fields
    let tail = Array(bytes[(end + 4)...])
    if code == 204 || code == 304 {
      (self.body, self.isWhole, self.rest) = ([], true, tail)
    } else if fields["transfer-encoding"] == "chunked" {
      (self.body, self.isWhole, self.rest) = Self.chunks(tail)
    } else if let length = fields["content-length"].flatMap({ Int($0) }) {
      self.body = Array(tail.prefix(length))
      self.isWhole = tail.count >= length
      self.rest = Array(tail.dropFirst(length))
    } else {
      (self.body, self.isWhole, self.rest) = (tail, true, [])
    }
  }

  private static func chunks(_ bytes: [UInt8]) -> ([UInt8], Bool, [UInt8]) {
    var body: [UInt8] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0D) {
      guard let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16) else { break }
      let data = rest.dropFirst(end - rest.startIndex + 2)
      if size == 0 { return (body, data.starts(with: [0x0D, 0x0A]), Array(data.dropFirst(2))) }
      guard data.count >= size + 2 else { break }
      body += data.prefix(size)
      rest = data.dropFirst(size + 2)
    }
    return (body, false, Array(rest))
  }
}
