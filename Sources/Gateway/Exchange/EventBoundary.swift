/// Finds where whole server-sent events end, so that a relayed stream can be ended cleanly at any time.
///
/// An event ends with an empty line; lines end with LF, CR LF or CR (HTML living standard, 9.2.6).
package enum EventBoundary {
  /// How many of the bytes belong to whole events, seen from their end. No event ends before `searched`.
  package static func wholeEvents(in bytes: Span<UInt8>, from searched: Int = 0) -> Int {
    var index = bytes.count
    while index > max(0, searched) {
      let last = bytes[index - 1]
      if last == 0x0A || last == 0x0D, Self.endsAnEmptyLine(bytes, before: index) { return index }
      index -= 1
    }
    return 0
  }

  private static func endsAnEmptyLine(_ bytes: Span<UInt8>, before end: Int) -> Bool {
    var index = end - 1
    // CR LF is one line end. A CR at the very end may be half of one: the LF then belongs to nothing and does no harm.
    if bytes[index] == 0x0A, index > 0, bytes[index - 1] == 0x0D { index -= 1 }
    return index > 0 && (bytes[index - 1] == 0x0A || bytes[index - 1] == 0x0D)
  }
}
