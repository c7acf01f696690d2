internal import Wire

/// A built-in upstream that speaks both protocols and asks no model: it answers at once, for nothing, and misbehaves
/// on request. Pure: the host plays its replies over a socket.
///
/// Served are `POST /v1/messages`, `POST /v1/messages/count_tokens`, `POST /v1/chat/completions`, `GET /v1/models`
/// and `GET /v1/models/ID`; any model name is taken. Plain text is answered by a friendly sentence that repeats it,
/// word by word with small pauses when streamed. Words in brackets in the last user message ask for more:
///
/// | Words | What happens |
/// |---|---|
/// | `[tool]` | calls the first tool offered, its required arguments made up from its schema, or `get_weather` if none is offered; the tool's result is then answered in text |
/// | `[think]` | thinks before it answers: a signed thinking block, or `reasoning_content` |
/// | `[fail 429]` | fails with that status (400 to 599), 429, 503 and 529 with `retry-after: 1`; `[fail 429 30]` with 30 |
/// | `[fail midstream]` | streams half of the answer, then the protocol's error event; 500 if not streamed |
/// | `[stall]` | never answers |
/// | `[stall midstream]` | falls silent for ever after half of the answer |
/// | `[break]` | breaks the connection after half of the answer |
/// | `[break early]` | breaks the connection instead of answering |
/// | `[wait 3000]` | answers after so many milliseconds |
/// | `[pause 50]` | so many milliseconds between words (20 if not said) |
/// | `[events 10000]` | so many text deltas, numbered, without pauses |
/// | `[size 1048576]` | an answer of exactly so many bytes of text, without pauses |
///
/// They can be combined, as in `[think] [tool] [pause 0]`. Ids come from `serial` alone, so the same request with the
/// same serial gets the same bytes.
package enum Demo {
  package static func reply(method: String, path: String, body: [UInt8], serial: Int) -> DemoReply {
    let speaker = DemoSpeaker(path: path)
    switch path {
    case "/v1/messages", "/v1/chat/completions", "/v1/messages/count_tokens":
      if method != "POST" { return self.wrongMethod(speaker, serial, allowed: "POST") }
      do throws(DemoFailure) {
        let request = try DemoRequest(body, speaker: speaker, countsOnly: path.hasSuffix("count_tokens"))
        if path.hasSuffix("count_tokens") { return DemoModels.count(request, serial: serial) }
        return self.reply(to: request, serial: serial)
      } catch {
        return error.reply(to: speaker, serial: serial)
      }
    case "/v1/models":
      if method != "GET" { return self.wrongMethod(speaker, serial, allowed: "GET") }
      return DemoModels.list(serial: serial)
    default:
      if let model = DemoModels.model(at: path) {
        return method == "GET"
          ? DemoModels.reply(model, serial: serial) : self.wrongMethod(speaker, serial, allowed: "GET")
      }
      return DemoFailure(404, "There is nothing at this path.").reply(to: speaker, serial: serial)
    }
  }

  private static func wrongMethod(_ speaker: DemoSpeaker, _ serial: Int, allowed: String) -> DemoReply {
    var reply = DemoFailure(405, "This path takes \(allowed) only.").reply(to: speaker, serial: serial)
    reply.fields.append(name: "allow", value: allowed)
    return reply
  }

  private static func reply(to request: DemoRequest, serial: Int) -> DemoReply {
    let wishes = request.wishes
    var reply: DemoReply
    if let status = wishes.failure {
      reply = DemoFailure(status, "You asked for this failure.", retryAfter: wishes.retryAfter)
        .reply(to: request.speaker, serial: serial)
    } else if wishes.midstream == .failure && !request.isStreamed {
      reply = DemoFailure(500, "You asked for this failure.").reply(to: request.speaker, serial: serial)
    } else if request.isStreamed {
      reply = self.stream(request, serial: serial)
    } else {
      reply = self.document(request, serial: serial)
    }
    reply.overture = wishes.overture
    return reply
  }

  private static func stream(_ request: DemoRequest, serial: Int) -> DemoReply {
    var reply = DemoReply(status: 200, speaker: request.speaker, serial: serial)
    reply.fields.append(name: "content-type", value: "text/event-stream; charset=utf-8")
    reply.fields.append(name: "cache-control", value: "no-cache")
    reply.steps = DemoSteps(streaming: DemoScript(request, serial: serial))
    return reply
  }

  private static func document(_ request: DemoRequest, serial: Int) -> DemoReply {
    let script = DemoScript(request, serial: serial)
    let body =
      switch request.speaker {
      case .messages: MessagesSpelling(script).document()
      case .chat: ChatSpelling(script).document()
      }
    var reply = DemoReply(status: 200, speaker: request.speaker, serial: serial, json: body)
    switch request.wishes.midstream {
    case .stall: reply.steps = DemoSteps([.bytes(Array(body.prefix(body.count / 2))), .stall])
    case .breakOff: reply.steps = DemoSteps([.bytes(Array(body.prefix(body.count / 2))), .breakOff])
    case .failure, nil: break
    }
    return reply
  }
}
