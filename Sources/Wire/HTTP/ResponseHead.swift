/// An upstream's status and fields.
package struct ResponseHead: Equatable, Sendable {
  package let status: Int
  package let fields: HeaderFields

  package init(status: Int, fields: HeaderFields) {
    self.status = status
    self.fields = fields
  }

  /// Reads one head.
  ///
  /// The status line may be that of HTTP/1.x or the one a library makes up for HTTP/2 and 3 (`HTTP/2 200`). Lines
  /// may end with LF alone and be folded (RFC 9112 2.2 and 5.2 leave both to a client). A field whose name is none, or
  /// that holds a control byte, is left out: it does not make the answer unusable. Nil if the first line is no final
  /// status line, the answer has two lengths, or a line is none of HTTP's: one that has no colon, holds a NUL, or
  /// continues the status line.
  package init?(parsing block: Span<UInt8>) {
    guard let status = Self.status(ofBlock: block), status >= 200 else { return nil }
    var fields = HeaderFields()
    var start = Self.lineEnd(in: block, from: 0) + 1
    if start <= block.count, block[start - 1] == 0 { return nil }
    let blockStart = min(start, block.count)
    fields.reserve(bytes: block.count - blockStart, fields: 20)
    fields.append(block: block.extracting(blockStart..<block.count))
    var isFirst = true
    var wasTaken = false
    while start < block.count {
      var end = Self.lineEnd(in: block, from: start)
      let next = end + 1
      if end < block.count, block[end] == 0 { return nil }
      while end > start, block[end - 1] == HTTPBytes.carriageReturn { end -= 1 }
      let line = block.extracting(start..<end)
      if line.isEmpty { break }
      if HTTPBytes.isBlank(line[0]) {
        if isFirst { return nil }
        // The continuation of a line that was left out is left out with it.
        if wasTaken { fields.continueLast(with: line) }
      } else {
        guard let colon = Self.colon(in: line) else { return nil }
        wasTaken = Self.take(line, colon, at: start - blockStart, into: &fields)
      }
      isFirst = false
      start = next
    }
    // RFC 9112 6.3: nobody can say where such an answer ends.
    if fields.disagrees(about: "content-length") { return nil }
    self.status = status
    self.fields = fields
  }

  /// Where a line ends: at its LF, at a NUL, or with the block.
  private static func lineEnd(in block: Span<UInt8>, from start: Int) -> Int {
    var end = start
    while true {
      end = HTTPBytes.firstControl(in: block, from: end)
      if end == block.count || block[end] == HTTPBytes.lineFeed || block[end] == 0 { return end }
      end += 1
    }
  }

  /// The status in the first line of a head.
  static func status(ofBlock block: Span<UInt8>) -> Int? {
    var end = HTTPBytes.firstControl(in: block, from: 0)
    while end > 0, block[end - 1] == HTTPBytes.space { end -= 1 }
    return self.status(block.extracting(0..<end))
  }

  /// The status if the line is a status line.
  private static func status(_ line: Span<UInt8>) -> Int? {
    if line.count < 5 || !HTTPBytes.equal(line.extracting(0..<5), "http/") { return nil }
    var index = 5
    while index < line.count, line[index] != HTTPBytes.space { index += 1 }
    while index < line.count, line[index] == HTTPBytes.space { index += 1 }
    guard index + 3 <= line.count, index + 3 == line.count || line[index + 3] == HTTPBytes.space else {
      return nil
    }
    var status = 0
    for digit in index..<index + 3 {
      if !HTTPBytes.isDigit(line[digit]) { return nil }
      status = status * 10 + Int(line[digit] & 0x0F)
    }
    return status < 100 ? nil : status
  }

  private static func colon(in line: Span<UInt8>) -> Int? {
    for index in line.indices where line[index] == HTTPBytes.colon { return index }
    return nil
  }

  /// `offset`: where the line stands in the block the fields have.
  private static func take(
    _ line: Span<UInt8>, _ colon: Int, at offset: Int, into fields: inout HeaderFields
  ) -> Bool {
    if !HTTPBytes.isToken(line.extracting(0..<colon)) { return false }
    if HTTPBytes.firstControl(in: line, from: colon + 1) < line.count { return false }
    let value = HTTPBytes.trimmed(colon + 1..<line.count, of: line)
    fields.append(
      nameInBlock: offset..<offset + colon,
      valueInBlock: offset + value.lowerBound..<offset + value.upperBound)
    return true
  }
}
