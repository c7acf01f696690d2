import Dialogue
import Wire

/// Translates any bytes as a request, an answer, a stream and an error; the first byte chooses which and for whom.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let choice = Int(bytes[0])
  let body = Array(bytes.dropFirst())
  let client: Dialect = choice & 1 == 0 ? .messages : .chat
  let names = ProfileTable.names
  guard let profile = ProfileTable.profile(named: names[(choice >> 3) % names.count]) else { return 0 }
  switch choice >> 1 & 3 {
  case 0: request(body, client, profile)
  case 1: answer(body, client, profile)
  case 2: stream(body, client, profile, cut: choice)
  default: failure(body, client, profile)
  }
  return 0
}

private func request(_ body: [UInt8], _ client: Dialect, _ profile: Profile) {
  guard let document = try? JSONDocument(body),
    case .send(let sent)? = try? Translation.request(document, from: client, to: profile)
  else { return }
  _ = sent.losses.header([.dropped, .changed, .emulated])
  guard (try? JSONDocument(sent.bytes)) != nil else { fatalError("the upstream would get no JSON") }
}

private func answer(_ body: [UInt8], _ client: Dialect, _ profile: Profile) {
  var surroundings = Surroundings.counted(now: 0)
  let context = ReplyContext(client: client, profile: profile, model: "m")
  guard client != profile.dialect || profile.isNormalised else { return }
  guard let answer = try? Translation.reply(body, context, &surroundings).answer else { return }
  guard (try? JSONDocument(answer.body)) != nil else { fatalError("the client would get no JSON") }
}

private func failure(_ body: [UInt8], _ client: Dialect, _ profile: Profile) {
  var surroundings = Surroundings.counted(now: 0)
  let failure = Translation.failure(
    status: 400 + body.count % 200, headers: [], body: body, from: profile.dialect)
  let answer = Translation.answer(failure, to: client, &surroundings)
  guard (try? JSONDocument(answer.body)) != nil else { fatalError("the client would get no JSON") }
}

private func stream(_ body: [UInt8], _ client: Dialect, _ profile: Profile, cut: Int) {
  guard client != profile.dialect || profile.isNormalised else { return }
  var context = ReplyContext(client: client, profile: profile, model: "m")
  if cut & 1 == 0 { context.emulatedStops = ["END", "\n\n"] }
  let whole = output([body[...]], context)
  let place = cut * body.count / 256
  if output([body[..<place], body[place...]], context) != whole {
    fatalError("another result in two pieces")
  }
  guard let whole else { return }
  if let fault = OrderChecker.fault(in: whole, of: client) { fatalError("illegal order: \(fault)") }
}

private func output(_ chunks: [ArraySlice<UInt8>], _ context: ReplyContext) -> [UInt8]? {
  var translator = StreamTranslator(context, .counted(now: 0))
  for chunk in chunks { translator.feed(chunk.span) }
  translator.finish()
  if case .failed = translator.phase { return nil }
  var output: [UInt8] = []
  translator.drain(into: &output)
  return output
}
