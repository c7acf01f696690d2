internal import Wire

/// A request as it goes over a plain connection, kept until its answer begins: a connection that was used before may turn out
/// to be dead.
struct DirectRequest {
  let address: DirectAddress
  /// The head, and the body behind it if that is short enough to leave in one packet.
  private(set) var front: [UInt8]
  /// A long body, which is never copied.
  private(set) var back: [UInt8]

  /// `room`: empty storage.
  init(_ order: TransferOrder, to address: DirectAddress, in room: [UInt8]) {
    self.address = address
    self.front = room
    self.back = order.isCopied || order.method != .post ? [] : order.body
    self.writeHead(order)
    if order.isCopied, order.method == .post { self.front.append(contentsOf: order.body) }
  }

  var count: Int { self.front.count + self.back.count }

  /// What is to be sent next, when so much has been.
  @_lifetime(borrow self)
  func rest(after sent: Int) -> Span<UInt8> {
    sent < self.front.count
      ? self.front.span.extracting(sent..<self.front.count)
      : self.back.span.extracting(sent - self.front.count..<self.back.count)
  }

  /// Takes the storage back.
  mutating func letGo() -> [UInt8] {
    self.back = []
    var room: [UInt8] = []
    swap(&room, &self.front)
    return room
  }

  private mutating func writeHead(_ order: TransferOrder) {
    let bytes = order.headerLines.reduce(0) { $0 + $1.count + 2 }
    self.front.reserveCapacity(
      bytes + self.address.target.count + self.address.endpoint.authority.utf8.count + 80
        + (order.isCopied ? order.body.count : 0))
    self.front.append(copying: order.method == .post ? "POST" : "GET")
    self.front.append(contentsOf: self.address.target)
    self.front.append(copying: "HTTP/1.1\r\n")
    if !order.headerLines.contains(where: { $0.isField("host") }) {
      self.front.append(copying: "Host: ")
      self.front.append(copying: self.address.endpoint.authority)
      self.front.append(copying: "\r\n")
    }
    for line in order.headerLines { self.append(line) }
    if order.method == .post {
      self.front.append(copying: "Content-Length: ")
      self.front.append(decimal: order.body.count)
      self.front.append(copying: "\r\n")
    }
    self.front.append(copying: "\r\n")
  }

  /// As libcurl reads lines: one that ends with its colon is none, one that ends with a semicolon has no value.
  private mutating func append(_ line: [UInt8]) {
    // The body's framing is nobody else's to say.
    if line.isField("content-length") || line.isField("transfer-encoding") { return }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
      guard line.count > 1, line.last == UInt8(ascii: ";") else { return }
      self.front.append(copying: line.span.extracting(0..<line.count - 1))
      return self.front.append(copying: ":\r\n")
    }
    if line.span.isBlank(from: colon + 1) { return }
    self.front.append(contentsOf: line)
    self.front.append(copying: "\r\n")
  }
}

extension [UInt8] {
  /// Whether the line is one of that field.
  fileprivate func isField(_ name: StaticString) -> Bool {
    let length = name.utf8CodeUnitCount
    guard self.count > length, self[length] == UInt8(ascii: ":") || self[length] == UInt8(ascii: ";") else {
      return false
    }
    return self.span.extracting(0..<length).isLike(name)
  }
}

extension Span<UInt8> {
  fileprivate func isBlank(from start: Int) -> Bool {
    for index in start..<self.count where self[index] != 0x20 && self[index] != 0x09 { return false }
    return true
  }
}
