/// Appends server-sent events to one output buffer.
///
/// Never writes `id:` or `retry:`, and no event without data: both break the official stream helpers.
package struct EventWriter {
  /// Writes the payload of the event that is open; everything else happens here.
  package var json = JSONWriter()

  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// Forgets what was written and keeps the storage.
  package mutating func removeAll() { self.bytes.removeAll(keepingCapacity: true) }

  package mutating func begin(event name: StaticString) {
    self.bytes.append(literal: "event: ")
    self.bytes.append(literal: name)
    self.bytes.append(literal: "\ndata: ")
    self.json.removeAll()
  }

  package mutating func begin() {
    self.bytes.append(literal: "data: ")
    self.json.removeAll()
  }

  /// Ends the event with what `json` holds. A line end can only stand between tokens there, where a blank does as well.
  package mutating func end() {
    let start = self.bytes.count
    let payload = self.json.bytes
    self.bytes.append(copying: payload.span)
    var index = start
    while true {
      index = LineScan.lineEnd(self.bytes.span, from: index)
      guard index < self.bytes.count else { break }
      self.bytes[index] = 0x20
    }
    self.bytes.append(literal: "\n\n")
  }

  /// A whole event with a fixed payload, such as `[DONE]`.
  package mutating func event(data: StaticString) {
    self.bytes.append(literal: "data: ")
    self.bytes.append(literal: data)
    self.bytes.append(literal: "\n\n")
  }

  package mutating func comment(_ text: StaticString) {
    self.bytes.append(literal: ": ")
    self.bytes.append(literal: text)
    self.bytes.append(literal: "\n\n")
  }
}
