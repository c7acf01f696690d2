internal import Glibc
internal import Platform
internal import Wire

/// Writes records as lines for people: `[2026-11-21 10:00:00 +0000] [pid] [INFO] text key=value`.
struct LineWriter {
  private var buffer: [UInt8] = []
  private var stampedSecond = Int.min
  /// `[time] [process] [`
  private var stamp: [UInt8] = []
  private let process = getpid()

  /// One `write` for the whole batch; what the other end refuses for good is lost.
  mutating func write(_ records: [LogRecord], to descriptor: Int32) {
    self.buffer.removeAll(keepingCapacity: true)
    for record in records { self.append(record) }
    try? AppendedFile(lent: descriptor).write(self.buffer)
  }

  mutating func append(_ record: LogRecord) {
    self.restamp(record.secondsSinceEpoch)
    self.buffer.append(contentsOf: self.stamp)
    self.buffer.append(copying: record.level.label)
    self.buffer.append(copying: "] ")
    let message = record.message.utf8Span.span
    if Self.isPlain(message, withoutQuotes: false) {
      self.buffer.append(copying: message)
    } else {
      self.appendPlain(message)
    }
    record.forEachField { self.append($0, $1) }
    self.buffer.append(10)
  }

  private mutating func append(_ name: LogFieldName, _ value: LogValue) {
    self.appendLabel(name.text.utf8Span.span)
    switch value {
    case .text(let text): self.appendQuotedIfNeeded(text.utf8Span.span)
    case .integer(let number): self.buffer.append(decimal: number)
    case .bytes(let bytes): self.appendQuotedIfNeeded(bytes.span)
    }
  }

  /// ` name=`
  private mutating func appendLabel(_ name: Span<UInt8>) {
    self.buffer.append(addingCapacity: name.count + 2) { label in
      label.append(32)
      unsafe label.withUnsafeMutableBufferPointer { room, filled in
        for index in name.indices {
          // In bounds: there is room for all of the name.
          let byte = unsafe name[unchecked: index]
          unsafe room[filled &+ index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
        }
        filled &+= name.count
      }
      label.append(61)
    }
  }

  /// The lines gathered so far, for those who write them elsewhere.
  var text: String {
    String(decoding: self.buffer, as: UTF8.self)
  }

  private mutating func restamp(_ second: Int) {
    if second == self.stampedSecond { return }
    self.stampedSecond = second
    var moment = time_t(second)
    var parts = unsafe tm()
    var text = [CChar](repeating: 0, count: 64)
    guard unsafe localtime_r(&moment, &parts) != nil else { return }
    let length = unsafe strftime(&text, text.count, "%Y-%m-%d %H:%M:%S %z", &parts)
    let time = String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    self.stamp = Array("[\(time)] [\(self.process)] [".utf8)
  }

  private mutating func appendQuotedIfNeeded(_ value: Span<UInt8>) {
    if !value.isEmpty, Self.isPlain(value, withoutQuotes: true) {
      self.buffer.append(copying: value)
      return
    }
    self.buffer.append(34)
    self.appendPlain(value, escapingQuotes: true)
    self.buffer.append(34)
  }

  /// Whether it can be written as it is: visible ASCII, with blanks only where no quotes would be put around it.
  private static func isPlain(_ text: Span<UInt8>, withoutQuotes: Bool) -> Bool {
    let lowest: UInt8 = withoutQuotes ? 33 : 32
    for index in text.indices {
      let byte = text[index]
      if byte < lowest || byte > 126 || withoutQuotes && (byte == 34 || byte == 92) { return false }
    }
    return true
  }

  /// Control bytes are written as escapes: a client's text must not begin a line or move the cursor.
  private mutating func appendPlain(_ text: Span<UInt8>, escapingQuotes: Bool = false) {
    var previous: UInt8 = 0
    for index in text.indices {
      let byte = text[index]
      defer { previous = byte }
      switch byte {
      // U+0080 to U+009F, which terminals obey as well.
      case 0x80..<0xA0 where previous == 0xC2:
        self.buffer.removeLast()
        self.buffer.append(contentsOf: #"\u00"#.utf8)
        self.buffer.append(contentsOf: String(byte, radix: 16).utf8)
      case 10: self.buffer.append(contentsOf: #"\n"#.utf8)
      case 13: self.buffer.append(contentsOf: #"\r"#.utf8)
      case 9: self.buffer.append(contentsOf: #"\t"#.utf8)
      case 34 where escapingQuotes, 92 where escapingQuotes: self.buffer.append(contentsOf: [92, byte])
      case ..<32, 127:
        let digits = String(byte, radix: 16)
        self.buffer.append(contentsOf: (byte < 16 ? #"\x0"# : #"\x"#).utf8)
        self.buffer.append(contentsOf: digits.utf8)
      default: self.buffer.append(byte)
      }
    }
  }
}
