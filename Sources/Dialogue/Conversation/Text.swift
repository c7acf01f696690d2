package import Wire

/// A text leaf in its escaped form, as it stands between the quotes of a JSON string.
///
/// Most are slices of the document they were read from and reach the other side without being looked at.
package struct Text {
  private enum Storage {
    case slice(JSONDocument, JSONSlice)
    case literal(StaticString)
    case built([UInt8])
  }

  private let storage: Storage

  /// The content of a string value; the empty text for other kinds.
  package init(_ value: JSONValue) {
    if let content = value.content {
      self.storage = .slice(value.document, content)
    } else {
      self.storage = .literal("")
    }
  }

  package init(_ document: JSONDocument, _ slice: JSONSlice) { self.storage = .slice(document, slice) }

  /// A fixed text that needs no escapes.
  package init(literal: StaticString) { self.storage = .literal(literal) }

  package init(escaped bytes: [UInt8]) { self.storage = .built(bytes) }

  /// Escapes a plain text.
  package init(plain: String) {
    var bytes: [UInt8] = []
    let utf8 = plain.utf8
    JSONText.escape(utf8.span, to: &bytes)
    self.storage = .built(bytes)
  }

  package var count: Int {
    switch self.storage {
    case .slice(_, let slice): slice.count
    case .literal(let text): text.utf8CodeUnitCount
    case .built(let bytes): bytes.count
    }
  }

  package var isEmpty: Bool { self.count == 0 }

  package func appendEscaped(to output: inout [UInt8]) {
    switch self.storage {
    case .slice(let document, let slice): output.append(contentsOf: document.bytes[slice.range])
    case .literal(let text): output.append(literal: text)
    case .built(let bytes): output.append(contentsOf: bytes)
    }
  }

  /// A copy of the escaped bytes.
  var escaped: [UInt8] {
    var bytes: [UInt8] = []
    self.appendEscaped(to: &bytes)
    return bytes
  }

  /// Lends the escaped bytes.
  func withEscaped(_ body: (Span<UInt8>) -> Void) {
    switch self.storage {
    case .slice(let document, let slice):
      let bytes = document.bytes
      body(bytes.span.extracting(slice.range))
    case .literal(let text):
      var bytes: [UInt8] = []
      bytes.append(literal: text)
      body(bytes.span)
    case .built(let bytes): body(bytes.span)
    }
  }

  /// Writes the text into an open string.
  package func write(to writer: inout JSONWriter) {
    switch self.storage {
    case .slice(let document, let slice): writer.fragment(document, slice)
    case .literal(let text): writer.fragment(text)
    case .built(let bytes): writer.fragment(bytes.span)
    }
  }

  /// Writes the text as a whole string.
  package func writeString(to writer: inout JSONWriter) {
    writer.beginString()
    self.write(to: &writer)
    writer.endString()
  }

  /// Writes the escaped text once more escaped: a JSON text that becomes a string's content.
  package func appendPlain(to output: inout [UInt8]) {
    switch self.storage {
    case .slice(let document, let slice):
      let bytes = document.bytes
      JSONText.unescape(bytes.span.extracting(slice.range), to: &output)
    case .literal(let text): output.append(literal: text)
    case .built(let bytes): JSONText.unescape(bytes.span, to: &output)
    }
  }

  package var plainBytes: [UInt8] {
    var bytes: [UInt8] = []
    self.appendPlain(to: &bytes)
    return bytes
  }

  package var plain: String { String(decoding: self.plainBytes, as: UTF8.self) }

  /// Whether nothing but white space is in it.
  package var isBlank: Bool {
    switch self.storage {
    case .literal(let text): return text.utf8CodeUnitCount == 0
    case .slice(let document, let slice):
      let bytes = document.bytes
      return Self.isBlank(bytes.span.extracting(slice.range))
    case .built(let bytes): return Self.isBlank(bytes.span)
    }
  }

  private static func isBlank(_ escaped: Span<UInt8>) -> Bool {
    var index = 0
    while index < escaped.count {
      if escaped[index] == 0x20 {
        index += 1
      } else if escaped[index] == 0x5C, index + 1 < escaped.count,
        [0x6E, 0x72, 0x74, 0x66].contains(escaped[index + 1])
      {
        index += 2
      } else {
        return false
      }
    }
    return true
  }

  package func hasPrefix(_ prefix: String, ignoringCase: Bool = false) -> Bool {
    // Four escaped bytes a character are more than any prefix asked for can take.
    var head: [UInt8] = []
    switch self.storage {
    case .slice(let document, let slice):
      let end = min(slice.count, prefix.utf8.count * 6)
      let bytes = document.bytes
      JSONText.unescape(bytes.span.extracting(slice.offset..<(slice.offset + end)), to: &head)
    case .literal, .built:
      self.appendPlain(to: &head)
    }
    guard head.count >= prefix.utf8.count else { return false }
    return zip(head, prefix.utf8).allSatisfy { left, right in
      left == right || (ignoringCase && Self.lower(left) == Self.lower(right))
    }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
  }

  /// The texts one after another; the separator is given in its escaped form.
  package static func joined(_ texts: [Text], by separator: StaticString) -> Text {
    if texts.count == 1, let only = texts.first { return only }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(texts.reduce(0) { $0 + $1.count + 4 })
    for (index, text) in texts.enumerated() {
      if index > 0 { bytes.append(literal: separator) }
      text.appendEscaped(to: &bytes)
    }
    return Text(escaped: bytes)
  }

  package func trimmingTrailingBlanks() -> Text {
    var bytes = self.plainBytes
    while let last = bytes.last, last == 0x20 || (last >= 0x09 && last <= 0x0D) { bytes.removeLast() }
    return Text(plain: String(decoding: bytes, as: UTF8.self))
  }
}
