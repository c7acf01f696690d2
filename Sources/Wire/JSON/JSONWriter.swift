/// Appends JSON text: structure and own strings are spelled here, everything else is copied as it came.
///
/// Large slices of a source document can be left out of the bytes and spliced in when the pieces are sent, so
/// an image of megabytes is never copied.
package struct JSONWriter {
  /// A slice of the source that belongs in front of `bytes[position]`.
  package struct Splice: Sendable {
    package let position: Int
    package let slice: JSONSlice
  }

  /// Part of the finished text: a range of the writer's own bytes or of the source's.
  package enum Piece: Sendable, Equatable {
    case own(Range<Int>)
    case source(JSONSlice)
  }

  package private(set) var bytes: [UInt8] = []
  package private(set) var splices: [Splice] = []
  private var needsComma = false
  /// The document whose long slices are spliced.
  package let source: JSONDocument?
  private let spliceThreshold: Int

  package init(splicingFrom source: JSONDocument? = nil, threshold: Int = 1 << 10) {
    self.source = source
    self.spliceThreshold = threshold
  }

  package mutating func reserve(_ count: Int) { self.bytes.reserveCapacity(count) }

  /// Forgets what was written and keeps the storage.
  package mutating func removeAll() {
    self.bytes.removeAll(keepingCapacity: true)
    self.splices.removeAll(keepingCapacity: true)
    self.needsComma = false
  }

  /// Another text begins behind what was written.
  mutating func beginText() { self.needsComma = false }

  /// Puts blanks for line ends, from a place on.
  mutating func blankLineEnds(from start: Int) {
    var index = LineScan.lineEnd(self.bytes.span, from: start)
    while index < self.bytes.count {
      self.bytes[index] = 0x20
      index = LineScan.lineEnd(self.bytes.span, from: index)
    }
  }

  /// Hands over the bytes and starts anew without storage.
  package mutating func takeBytes() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &self.bytes)
    self.removeAll()
    return taken
  }

  // MARK: Structure

  package mutating func beginObject() { self.begin(0x7B) }
  package mutating func beginArray() { self.begin(0x5B) }
  package mutating func endObject() { self.end(0x7D) }
  package mutating func endArray() { self.end(0x5D) }

  package mutating func key(_ name: StaticString) {
    let count = name.utf8CodeUnitCount
    let comma = self.needsComma
    // One check of the array's room for all of it: keys are most of what is written.
    self.bytes.append(addingCapacity: count + 4) { output in
      if comma { output.append(0x2C) }
      output.append(0x22)
      output.append(copying: name)
      output.append(0x22)
      output.append(0x3A)
    }
    self.needsComma = false
  }

  /// Whole members as they are to stand there: names, colons, values and the commas between them.
  package mutating func members(_ literal: StaticString) {
    self.value(literal)
  }

  package mutating func key(text name: String) {
    self.separate()
    self.bytes.append(0x22)
    self.escaped(name)
    self.bytes.append(0x22)
    self.bytes.append(0x3A)
    self.needsComma = false
  }

  // MARK: Values

  package mutating func null() { self.value("null") }
  package mutating func bool(_ value: Bool) { self.value(value ? "true" : "false") }

  package mutating func integer(_ value: Int) {
    self.separate()
    self.needsComma = true
    self.plainInteger(value)
  }

  /// The digits alone.
  package mutating func plainInteger(_ value: Int) {
    self.bytes.append(decimal: value)
  }

  /// A string of plain text.
  package mutating func string(_ text: String) {
    self.beginString()
    self.escaped(text)
    self.endString()
  }

  /// A string that needs no escapes.
  package mutating func string(plain text: StaticString) {
    self.beginString()
    self.bytes.append(literal: text)
    self.endString()
  }

  /// A whole value as it stands in a text, copied byte for byte.
  package mutating func raw(_ bytes: Span<UInt8>) {
    self.separate()
    self.bytes.append(copying: bytes)
    self.needsComma = true
  }

  package mutating func raw(_ value: JSONValue) {
    self.separate()
    self.fragment(value.document, value.slice)
    self.needsComma = true
  }

  package mutating func value(_ literal: StaticString) {
    self.separate()
    self.bytes.append(literal: literal)
    self.needsComma = true
  }

  /// A value without the whitespace between its tokens; strings and numbers stay as they are.
  package mutating func compact(_ value: JSONValue) {
    self.separate()
    let bytes = value.document.bytes
    JSONCompaction.append(bytes.span.extracting(value.slice.range), to: &self.bytes)
    self.needsComma = true
  }

  /// A string that holds a value's compact JSON text.
  package mutating func stringified(_ value: JSONValue) {
    self.beginString()
    self.stringifiedFragment(value)
    self.endString()
  }

  // MARK: Strings in parts

  package mutating func beginString() {
    self.separate()
    self.bytes.append(0x22)
  }

  package mutating func endString() {
    self.bytes.append(0x22)
    self.needsComma = true
  }

  /// Between `beginString` and `endString`: text that is escaped already.
  package mutating func fragment(_ escaped: Span<UInt8>) { self.bytes.append(copying: escaped) }
  package mutating func fragment(_ literal: StaticString) { self.bytes.append(literal: literal) }

  /// Between `beginString` and `endString`: a value's compact JSON text.
  package mutating func stringifiedFragment(_ value: JSONValue) {
    let bytes = value.document.bytes
    JSONCompaction.appendEscaped(bytes.span.extracting(value.slice.range), to: &self.bytes)
  }

  /// Between `beginString` and `endString`: plain text.
  package mutating func escaped(_ text: String) {
    let utf8 = text.utf8
    JSONText.escape(utf8.span, to: &self.bytes)
  }

  package mutating func escaped(_ text: Span<UInt8>) { JSONText.escape(text, to: &self.bytes) }

  /// Bytes of a document as they are, left where they are when that pays: escaped text between `beginString` and
  /// `endString`, or a whole value.
  package mutating func fragment(_ document: JSONDocument, _ slice: JSONSlice) {
    if slice.count >= self.spliceThreshold, document === self.source {
      self.splice(slice)
    } else {
      let bytes = document.bytes
      self.bytes.append(copying: bytes.span.extracting(slice.range))
    }
  }

  private mutating func splice(_ slice: JSONSlice) {
    self.splices.append(Splice(position: self.bytes.count, slice: slice))
  }

  /// The JSON object a string's content spells, without the white space around it; false, and nothing is written,
  /// when it spells anything else. `tape` is only room for the work.
  package mutating func object(
    spelledBy content: Span<UInt8>, tape: inout JSONScratch
  ) -> Bool {
    let comma = self.needsComma
    self.separate()
    let start = self.bytes.count
    JSONText.unescape(content, to: &self.bytes)
    if let object = tape.object(in: self.bytes.span.extracting(start..<self.bytes.count)) {
      self.bytes.removeSubrange((start + object.upperBound)...)
      self.bytes.removeSubrange(start..<(start + object.lowerBound))
      self.needsComma = true
      return true
    }
    self.bytes.removeSubrange((comma ? start - 1 : start)...)
    self.needsComma = comma
    return false
  }

  // MARK: Result

  /// The finished text in order.
  package var pieces: [Piece] {
    var pieces: [Piece] = []
    var start = 0
    for splice in self.splices {
      if splice.position > start { pieces.append(.own(start..<splice.position)) }
      if splice.slice.count > 0 { pieces.append(.source(splice.slice)) }
      start = splice.position
    }
    if start < self.bytes.count { pieces.append(.own(start..<self.bytes.count)) }
    return pieces
  }

  /// The finished text as one array.
  package var joined: [UInt8] {
    guard !self.splices.isEmpty, let source = self.source else { return self.bytes }
    var output: [UInt8] = []
    output.reserveCapacity(self.bytes.count + self.splices.reduce(0) { $0 + $1.slice.count })
    for piece in self.pieces {
      switch piece {
      case .own(let range): output.append(contentsOf: self.bytes[range])
      case .source(let slice): output.append(contentsOf: source.bytes[slice.range])
      }
    }
    return output
  }

  /// Whether what was written is the value without white space.
  package func isCompactForm(of value: JSONValue) -> Bool {
    var other = JSONWriter()
    other.compact(value)
    var own = JSONWriter()
    own.compactText(self.bytes.span)
    return own.bytes == other.bytes
  }

  private mutating func compactText(_ text: Span<UInt8>) { JSONCompaction.append(text, to: &self.bytes) }

  // MARK: Bytes

  private mutating func begin(_ byte: UInt8) {
    self.separate()
    self.bytes.append(byte)
    self.needsComma = false
  }

  private mutating func end(_ byte: UInt8) {
    self.bytes.append(byte)
    self.needsComma = true
  }

  private mutating func separate() {
    if self.needsComma { self.bytes.append(0x2C) }
  }
}
