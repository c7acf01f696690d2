/// Appends server-sent events to one output buffer.
///
/// Never writes `id:` or `retry:`, and no event without data: both break the official stream helpers.
package struct EventWriter {
  /// Writes the payload of the event that is open, straight into the output; everything else happens here.
  package var json = JSONWriter()

  /// Where the payload of the open event begins.
  private var payloadStart = 0

  /// All events since `removeAll`.
  package var bytes: [UInt8] { self.json.bytes }

  package init() {}

  /// Forgets what was written and keeps the storage, unless that is much more than was needed.
  package mutating func removeAll() {
    if ByteQueue.isWasteful(self.json.bytes.capacity, for: self.json.bytes.count) {
      _ = self.json.takeBytes()
    } else {
      self.json.removeAll()
    }
  }

  package mutating func begin(event name: StaticString) {
    self.json.fragment("event: ")
    self.json.fragment(name)
    self.json.fragment("\ndata: ")
    self.beginPayload()
  }

  package mutating func begin() {
    self.json.fragment("data: ")
    self.beginPayload()
  }

  private mutating func beginPayload() {
    self.json.beginText()
    self.payloadStart = self.json.bytes.count
  }

  /// Ends the event. A line end can only stand between tokens of its payload, where a blank does as well.
  package mutating func end() {
    self.json.blankLineEnds(from: self.payloadStart)
    self.json.fragment("\n\n")
  }

  /// The beginning of an event whose payload is spelled by the caller, without line ends.
  package mutating func beginPlain(_ head: [UInt8]) { self.json.fragment(head.span) }

  package mutating func endPlain(_ tail: StaticString) { self.json.fragment(tail) }

  /// A whole event with a fixed payload, such as `[DONE]`.
  package mutating func event(data: StaticString) {
    self.json.fragment("data: ")
    self.json.fragment(data)
    self.json.fragment("\n\n")
  }

  package mutating func comment(_ text: StaticString) {
    self.json.fragment(": ")
    self.json.fragment(text)
    self.json.fragment("\n\n")
  }
}
