/// Cuts a byte stream into server-sent events; where the reads were cut never shows.
///
/// Usage: `append` what came, then `next` until it says false; after the last byte `finish`, then `next` again.
package struct EventSplitter {
  package enum Failure: Error, Equatable, Sendable {
    case eventTooLarge
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The `data:` lines of the event `next` found, joined by LF.
  package private(set) var data: [UInt8] = []
  /// Its `event:` line; empty when it had none.
  package private(set) var name: [UInt8] = []

  private let maxEventBytes: Int
  private var buffer: [UInt8] = []
  /// Bytes of the buffer that are done with.
  private var consumed = 0
  /// Bytes of the buffer known to hold no line end.
  private var scanned = 0
  private var skipsLineFeed = false
  private var isAtStart = true
  private var isFinished = false
  private var hasData = false
  private var wasDelivered = false

  package init(maxEventBytes: Int = 32 << 20) {
    self.maxEventBytes = maxEventBytes
  }

  package mutating func append(_ bytes: Span<UInt8>) {
    if self.consumed == self.buffer.count {
      self.buffer.removeAll(keepingCapacity: true)
      self.consumed = 0
      self.scanned = 0
    } else if self.consumed > 4096 {
      self.buffer.removeSubrange(..<self.consumed)
      self.scanned -= self.consumed
      self.consumed = 0
    }
    self.buffer.append(copying: bytes)
  }

  package mutating func append(_ bytes: [UInt8]) { self.append(bytes.span) }

  /// No more bytes will come: an event without its blank line is delivered too.
  package mutating func finish() { self.isFinished = true }

  /// Moves to the next complete event; false when more bytes are needed or none will come.
  package mutating func next() throws(Failure) -> Bool {
    if self.wasDelivered { self.reset() }
    guard self.skipByteOrderMark() else { return false }
    while let line = self.nextLine() {
      if line.isEmpty {
        if self.deliver() { return true }
        self.reset()
      } else {
        // A line that came whole is measured as one that has not ended yet is below.
        guard line.count <= self.maxEventBytes else { throw .eventTooLarge }
        try self.take(line)
      }
    }
    guard self.buffer.count - self.consumed <= self.maxEventBytes else { throw .eventTooLarge }
    guard self.isFinished else { return false }
    if self.consumed < self.buffer.count {
      let rest = self.consumed..<self.buffer.count
      self.consumed = self.buffer.count
      try self.take(rest)
    }
    return self.deliver()
  }

  private mutating func reset() {
    self.data.removeAll(keepingCapacity: true)
    self.name.removeAll(keepingCapacity: true)
    self.hasData = false
    self.wasDelivered = false
  }

  private mutating func deliver() -> Bool {
    self.wasDelivered = self.hasData
    return self.hasData
  }

  /// False while the first bytes may still become a byte order mark.
  private mutating func skipByteOrderMark() -> Bool {
    guard self.isAtStart else { return true }
    let count = min(self.buffer.count, 3)
    if self.buffer[..<count].elementsEqual(Self.byteOrderMark[..<count]) {
      guard count == 3 || self.isFinished else { return false }
      self.consumed = count == 3 ? 3 : 0
      self.scanned = self.consumed
    }
    self.isAtStart = false
    return true
  }

  private mutating func nextLine() -> Range<Int>? {
    if self.skipsLineFeed, self.consumed < self.buffer.count {
      self.skipsLineFeed = false
      if self.buffer[self.consumed] == 0x0A {
        self.consumed += 1
        self.scanned = max(self.scanned, self.consumed)
      }
    }
    let end = LineScan.lineEnd(self.buffer.span, from: self.scanned)
    self.scanned = end
    guard end < self.buffer.count else { return nil }
    let line = self.consumed..<end
    // A CR ends the line at once; an LF right behind it, even in the next read, belongs to it.
    self.skipsLineFeed = self.buffer[end] == 0x0D
    self.consumed = end + 1
    self.scanned = self.consumed
    return line
  }

  private mutating func take(_ line: Range<Int>) throws(Failure) {
    // A second reference, no copy: the buffer is only read here.
    let buffer = self.buffer
    let bytes = buffer.span.extracting(line)
    var colon = 0
    while colon < bytes.count, bytes[colon] != 0x3A { colon += 1 }
    var value = min(colon + 1, bytes.count)
    if value < bytes.count, bytes[value] == 0x20 { value += 1 }
    if Self.isField(bytes, colon, "data") {
      guard self.data.count + bytes.count - value <= self.maxEventBytes else { throw .eventTooLarge }
      if self.hasData { self.data.append(0x0A) }
      self.data.append(copying: bytes.extracting(value..<bytes.count))
      self.hasData = true
    } else if Self.isField(bytes, colon, "event") {
      guard bytes.count - value <= self.maxEventBytes else { throw .eventTooLarge }
      self.name.removeAll(keepingCapacity: true)
      self.name.append(copying: bytes.extracting(value..<bytes.count))
    }
  }

  private static func isField(_ line: Span<UInt8>, _ length: Int, _ name: StaticString) -> Bool {
    length == name.utf8CodeUnitCount && StringScan.isEqual(line.extracting(0..<length), name)
  }
}
