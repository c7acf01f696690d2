import Foundation
import Testing
import Wire

@testable import Demo

/// Everything the host would send, and what else it would do.
struct Played {
  var text = ""
  var pauses: [Int] = []
  var end: DemoStep?

  init(_ reply: DemoReply) {
    var steps = reply.steps
    while let step = steps.next() {
      switch step {
      case .bytes(let bytes): self.text += String(decoding: bytes, as: UTF8.self)
      case .pause(let milliseconds): self.pauses.append(milliseconds)
      case .stall, .breakOff: self.end = step
      }
    }
  }
}

func ask(
  _ text: String, _ path: String = "/v1/messages", stream: Bool = true, more: String = "", serial: Int = 1
) -> DemoReply {
  let body =
    #"{"model":"m","max_tokens":1000,"stream":\#(stream)\#(more),"messages":[{"role":"user","content":"\#(text)"}]}"#
  return Demo.reply(method: "POST", path: path, body: Array(body.utf8), serial: serial)
}

@Suite struct DemoTests {
  @Test func plainTextIsRepeatedWordByWord() {
    let played = Played(ask("good morning"))
    #expect(played.text.contains(#""text":" \"good"}"#))
    #expect(played.text.contains(#""text":" morning\"."}"#))
    #expect(played.pauses.allSatisfy { $0 == 20 } && played.pauses.count > 5)
    #expect(played.text.hasSuffix("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"))
  }

  @Test func tenThousandEventsNeedNoPause() {
    let played = Played(ask("[events 10000]"))
    #expect(played.pauses.isEmpty)
    #expect(played.text.components(separatedBy: "text_delta").count == 10_001)
    #expect(played.text.contains(#""text":"10000 ""#))
  }
}
