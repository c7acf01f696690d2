internal import Wire

/// What became of a reload, in words for whoever asked.
package struct ReloadReport: Sendable, Equatable {
  package let succeeded: Bool
  /// Faults, or remarks and what needs a restart; each a line.
  package let lines: [String]

  package init(succeeded: Bool, lines: [String]) {
    self.succeeded = succeeded
    self.lines = lines
  }

  /// Reads what `body` wrote.
  init?(_ body: [UInt8]) {
    guard let document = try? JSONDocument(body), let reloaded = document.root["reloaded"]?.bool,
      let lines = document.root["lines"]
    else { return nil }
    self.succeeded = reloaded
    self.lines = lines.elements.compactMap(\.string)
  }

  package var status: Int { self.succeeded ? 200 : 422 }

  package var body: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key("reloaded")
    json.bool(self.succeeded)
    json.key("lines")
    json.beginArray()
    for line in self.lines { json.string(line) }
    json.endArray()
    json.endObject()
    return json.takeBytes() + [0x0A]
  }
}
