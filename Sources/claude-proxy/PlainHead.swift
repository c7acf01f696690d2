internal import Wire

/// Heads of requests that never came over a socket, read by the daemon's own parser.
enum PlainHead {
  static func make(
    _ method: String, _ target: String, _ headers: [(name: String, value: String)] = [], bodyCount: Int
  ) -> RequestHead? {
    var text = "\(method) \(target) HTTP/1.1\r\nhost: nowhere.invalid\r\n"
    for header in headers { text += "\(header.name): \(header.value)\r\n" }
    var input = ByteQueue()
    input.append(text + "content-length: \(bodyCount)\r\n\r\n")
    var parser = RequestParser(limits: RequestLimits(lineBytes: 65_536, fields: 1_000, fieldBytes: 1 << 20))
    guard case .head(let head) = parser.advance(&input), input.isEmpty else { return nil }
    return head
  }
}
