package import Dialogue
internal import Wire

/// Reads on the side what a relayed answer cost. A stream says so at its beginning and at its end, so only these are kept.
package struct UsageWitness {
  /// Little, because ten thousand streams may be open: more than any known vendor's first and last events need.
  private static let beginningBytes = 1536
  private static let endBytes = 2048

  private let dialect: Dialect
  private var beginning: [UInt8] = []
  private var end: [UInt8] = []

  package init(_ dialect: Dialect) {
    self.dialect = dialect
  }

  /// A part of an event stream.
  package mutating func saw(_ bytes: Span<UInt8>) {
    let room = min(bytes.count, Self.beginningBytes - self.beginning.count)
    self.beginning.append(copying: bytes.extracting(first: room))
    guard room < bytes.count else { return }
    self.end.append(copying: bytes.extracting(last: min(bytes.count - room, Self.endBytes)))
    guard self.end.count > 2 * Self.endBytes else { return }
    self.end.removeFirst(self.end.count - Self.endBytes)
  }

  /// Of the stream that was seen.
  package var usage: Usage? {
    var splitter = EventSplitter()
    splitter.append(self.beginning + self.end)
    splitter.finish()
    var usage: Usage?
    while (try? splitter.next()) == true {
      // An event cut in two by what was not kept is no document.
      guard let event = try? JSONDocument(splitter.data) else { continue }
      usage = Translation.usage(in: event, from: self.dialect, onto: usage)
    }
    return usage
  }

  /// Of an answer that came whole.
  package func usage(ofWhole body: Span<UInt8>) -> Usage? {
    guard let document = Self.document(withUsageOf: body), document.root.kind == .object else { return nil }
    return Translation.usage(in: document, from: self.dialect, onto: nil)
  }

  /// Of a long answer only what may hold its price is read.
  private static func document(withUsageOf body: Span<UInt8>) -> JSONDocument? {
    if let few = JSONSkim.members(of: body, where: Self.mayHoldUsage) { return try? JSONDocument(few) }
    var whole: [UInt8] = []
    whole.append(copying: body)
    return try? JSONDocument(whole)
  }

  private static func mayHoldUsage(_ name: Span<UInt8>) -> Bool {
    name.isSpelled("usage") || name.isSpelled("message") || name.isSpelled("x_groq")
  }
}
