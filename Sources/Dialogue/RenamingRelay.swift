import Wire

/// A stream of the client's own protocol on its way, frame by frame: all of it stays as it came, comments, ids and
/// line ends too, but for the model's name.
struct RenamingRelay {
  /// A longer frame passes as it is.
  private static let maxFrameBytes = 32 << 20

  private var frame: [UInt8] = []
  /// Where the line begins whose end has not come yet.
  private var lineStart = 0

  mutating func take(_ bytes: Span<UInt8>, _ context: ReplyContext, to output: inout [UInt8]) {
    self.frame.append(copying: bytes)
    var start = 0
    while let line = self.nextLine() {
      if line.isEmpty {
        Self.rename(self.frame[start..<self.lineStart], context, to: &output)
        start = self.lineStart
      }
    }
    if self.frame.count - start > Self.maxFrameBytes {
      output += self.frame[start...]
      start = self.frame.count
      self.lineStart = start
    }
    self.frame.removeSubrange(..<start)
    self.lineStart -= start
  }

  mutating func finish(_ context: ReplyContext, to output: inout [UInt8]) {
    Self.rename(self.frame[...], context, to: &output)
    self.frame = []
    self.lineStart = 0
  }

  /// The next whole line without its end; a CR at the end of the bytes may be half of one.
  private mutating func nextLine() -> Range<Int>? {
    var end = self.lineStart
    while end < self.frame.count, self.frame[end] != 0x0A, self.frame[end] != 0x0D { end += 1 }
    guard end < self.frame.count else { return nil }
    var next = end + 1
    if self.frame[end] == 0x0D {
      guard next < self.frame.count else { return nil }
      if self.frame[next] == 0x0A { next += 1 }
    }
    defer { self.lineStart = next }
    return self.lineStart..<end
  }

  private static func rename(_ frame: ArraySlice<UInt8>, _ context: ReplyContext, to output: inout [UInt8]) {
    let lines = self.lines(of: frame)
    let data = lines.compactMap { line in self.dataStart(frame[line]).map { frame[$0..<line.upperBound] } }
    guard let named = ModelName.replace(in: Array(data.joined(separator: [0x0A])), context) else {
      output += frame
      return
    }
    // The new data has as many lines as the old, for a name has none.
    var texts = named.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
    var copied = frame.startIndex
    for line in lines {
      guard let place = self.dataStart(frame[line]), let text = texts.popFirst() else { continue }
      output += frame[copied..<place]
      output += text
      copied = line.upperBound
    }
    output += frame[copied...]
  }

  private static func lines(of frame: ArraySlice<UInt8>) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = frame.startIndex
    for index in frame.indices where frame[index] == 0x0A || frame[index] == 0x0D {
      if index > start { lines.append(start..<index) }
      start = index + 1
    }
    if start < frame.endIndex { lines.append(start..<frame.endIndex) }
    return lines
  }

  /// Where the value of a `data:` line begins.
  private static func dataStart(_ line: ArraySlice<UInt8>) -> Int? {
    guard line.starts(with: Array("data:".utf8)) else { return nil }
    let start = line.startIndex + 5
    return start < line.endIndex && line[start] == 0x20 ? start + 1 : start
  }
}
