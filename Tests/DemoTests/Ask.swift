import Testing
import Wire

@testable import Demo

/// One request to the demo.
struct Ask: CustomTestStringConvertible, Sendable {
  var method = "POST"
  let path: String
  let body: String

  static func messages(_ text: String, stream: Bool = true, more: String = "") -> Ask {
    Ask(
      path: "/v1/messages",
      body:
        #"{"model":"m","max_tokens":1000,"stream":\#(stream)\#(more),"messages":[{"role":"user","content":"\#(text)"}]}"#
    )
  }

  static func chat(_ text: String, stream: Bool = true, more: String = "") -> Ask {
    Ask(
      path: "/v1/chat/completions",
      body: #"{"model":"m","stream":\#(stream)\#(more),"messages":[{"role":"user","content":"\#(text)"}]}"#)
  }

  var testDescription: String { "\(self.path) \(self.body)" }

  func reply(serial: Int = 1) -> DemoReply {
    Demo.reply(method: self.method, path: self.path, body: Array(self.body.utf8), serial: serial)
  }
}

/// Everything the host would send, and what else it would do.
struct Played: Equatable {
  private(set) var text = ""
  private(set) var pauses: [Int] = []
  private(set) var end: DemoStep?
  /// Status, fields, bytes and what else happens, to be read by people.
  private(set) var transcript = ""

  init(_ reply: DemoReply) {
    for step in reply.overture { self.play(step) }
    self.transcript += "\(reply.status)\n"
    reply.fields.forEach { name, value in
      self.transcript += "\(Self.text(name)): \(Self.text(value))\n"
    }
    self.transcript += reply.length.map { "length \($0)\n\n" } ?? "chunked\n\n"
    var steps = reply.steps
    while let step = steps.next() { self.play(step) }
  }

  private mutating func play(_ step: DemoStep) {
    switch step {
    case .bytes(let bytes):
      let text = String(decoding: bytes, as: UTF8.self)
      self.text += text
      self.transcript += text.hasSuffix("\n") ? text : text + "\n"
    case .pause(let milliseconds):
      self.pauses.append(milliseconds)
      self.transcript += "(pause of \(milliseconds) ms)\n"
    case .stall:
      self.end = step
      self.transcript += "(silence)\n"
    case .breakOff:
      self.end = step
      self.transcript += "(broken off)\n"
    }
  }

  private static func text(_ bytes: Span<UInt8>) -> String {
    var array: [UInt8] = []
    array.append(copying: bytes)
    return String(decoding: array, as: UTF8.self)
  }
}
