import Wire

/// One event of a written stream.
struct Frame {
  let name: String
  let data: String

  static func all(in bytes: [UInt8]) throws -> [Frame] {
    var splitter = EventSplitter()
    splitter.append(bytes)
    splitter.finish()
    var frames: [Frame] = []
    while try splitter.next() {
      let name = String(decoding: splitter.name, as: UTF8.self)
      if name != "ping" {
        frames.append(Frame(name: name, data: String(decoding: splitter.data, as: UTF8.self)))
      }
    }
    return frames
  }
}
