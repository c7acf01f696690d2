import Dialogue
import Foundation
import Testing
import Wire

@Suite struct GoldenTests {
  /// More cases may be added, none may be lost.
  @Test func theCasesAreAllThere() {
    let ids = Golden.all.map(\.id)
    #expect(ids.count >= 70)
    #expect(Set(ids).count == ids.count)
    for kind in ["REQ", "RES", "STR", "ERR"] { #expect(ids.contains { $0.hasPrefix(kind) }) }
  }

  @Test func everyCaseGivesItsGolden() throws {
    var ran: [String] = []
    for golden in Golden.all {
      let expected = try Golden.bytes(golden.outputPath)
      let (output, exit) = try Self.run(golden)
      #expect(exit == golden.exit, "\(golden.id)")
      if golden.outputPath.hasSuffix(".sse") {
        #expect(try Same.streamDifference(output, expected) == nil, "\(golden.id)")
        #expect(OrderChecker.fault(in: output, of: golden.client) == nil, "\(golden.id)")
      } else {
        let difference = try Self.withoutTransportHeaders(output, expected, exit, golden.mode)
        #expect(difference == nil, "\(golden.id)")
      }
      #expect(try Self.run(golden).0 == output, "\(golden.id) is not the same twice")
      if let losses = golden.losses { #expect(try Self.losses(of: golden) == losses, "\(golden.id)") }
      ran.append(golden.id)
    }
    print("goldens: ran \(ran.count): \(ran.joined(separator: " "))")
    #expect(Set(ran) == Set(Golden.all.map(\.id)))
  }

  private static func withoutTransportHeaders(
    _ output: [UInt8], _ expected: [UInt8], _ exit: Int, _ mode: Golden.Mode
  ) throws -> String? {
    guard exit == 1 || mode == .error else { return try Same.difference(output, expected) }
    let (mine, theirs) = (try JSONDocument(output).root, try JSONDocument(expected).root)
    for name in ["status", "body"] {
      guard let one = mine.member(named: name), let other = theirs.member(named: name) else { return name }
      if let difference = Same.difference(one, other) { return difference }
    }
    for header in theirs["headers"]?.members.map(\.self) ?? [] {
      guard mine["headers"]?.member(named: header.name)?.string == header.value.string else {
        return header.name
      }
    }
    return nil
  }

  private static func losses(of golden: Golden) throws -> [String] {
    let document = try JSONDocument(Golden.bytes(golden.inputPath))
    guard case .send(let body) = try Translation.request(document, from: golden.from, to: golden.profile)
    else {
      return []
    }
    return body.losses.inOrder.map { "\($0.path) \($0.action.rawValue)" }
  }

  /// What the filter does, without its process.
  static func run(_ golden: Golden) throws -> ([UInt8], Int) {
    let input = try Golden.bytes(golden.inputPath)
    var surroundings = Surroundings.counted(now: 1_800_000_000)
    do {
      switch golden.mode {
      case .request:
        let outcome = try Translation.request(try JSONDocument(input), from: golden.from, to: golden.profile)
        switch outcome {
        case .send(let body): return (body.bytes, 0)
        case .answer(_, let context): return (Translation.prewarmAnswer(context, &surroundings).body, 3)
        }
      case .response:
        return (try Translation.reply(input, try golden.context(), &surroundings).answer.body, 0)
      case .stream:
        return try Self.stream([input[...]], golden)
      case .error:
        let root = try JSONDocument(input).root
        let headers = (root["headers"]?.members.map(\.self) ?? []).map {
          HTTPField($0.name, $0.value.string ?? "")
        }
        let body = root["body"]?.string.map { Array($0.utf8) } ?? Array(root["body"]?.rawBytes ?? [])
        throw Translation.failure(
          status: root["status"]?.integer ?? 0, headers: headers, body: body, from: golden.from)
      }
    } catch let refusal as Refusal {
      return (Self.spelled(Translation.answer(Failure(refusal), to: golden.client, &surroundings)), 1)
    } catch let failure as Failure {
      let answer = Translation.answer(failure, try golden.context(), &surroundings)
      return (Self.spelled(answer), answer.status < 400 ? 0 : 1)
    }
  }

  static func stream(_ chunks: [ArraySlice<UInt8>], _ golden: Golden) throws -> ([UInt8], Int) {
    try self.stream(chunks, try golden.context())
  }

  static func stream(_ chunks: [ArraySlice<UInt8>], _ context: ReplyContext) throws -> ([UInt8], Int) {
    var translator = StreamTranslator(context, .counted(now: 1_800_000_000))
    for chunk in chunks { translator.feed(chunk.span) }
    translator.finish()
    if case .failed(let failure) = translator.phase { throw failure }
    var output: [UInt8] = []
    translator.drain(into: &output)
    return (output, 0)
  }

  private static func spelled(_ answer: HTTPAnswer) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("status")
    writer.integer(answer.status)
    writer.key("headers")
    writer.beginObject()
    for header in answer.headers {
      writer.key(text: header.name)
      writer.string(header.value)
    }
    writer.endObject()
    writer.key("body")
    let body = answer.body
    writer.raw(body.span)
    writer.endObject()
    return writer.bytes
  }

  // MARK: Cuts

  private static let streams = Golden.all.filter { $0.mode == .stream && $0.exit == 0 }

  @Test(arguments: GoldenTests.streams)
  func anyCutOfAStreamGivesTheSame(_ golden: Golden) throws {
    let bytes = try Golden.bytes(golden.inputPath)
    let context = try golden.context()
    let whole = try Self.stream([bytes[...]], context).0
    #expect(try Self.stream(bytes.indices.map { bytes[$0...$0] }, context).0 == whole)
    for cut in bytes.indices {
      let output = try Self.stream([bytes[..<cut], bytes[cut...]], context).0
      if output != whole { Issue.record("another output when cut at \(cut)") }
    }
    var random = SplitMix(state: 41)
    for _ in 0..<100 {
      var chunks: [ArraySlice<UInt8>] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...min(rest.count, 200), using: &random)
        chunks.append(rest.prefix(count))
        rest = rest.dropFirst(count)
      }
      #expect(try Self.stream(chunks, context).0 == whole)
    }
  }

  /// Cut off anywhere, a stream still ends legally, and never as if it were whole.
  @Test(arguments: GoldenTests.streams)
  func aTruncatedStreamEndsInAnError(_ golden: Golden) throws {
    let bytes = try Golden.bytes(golden.inputPath)
    let context = try golden.context()
    let isWhole = String(decoding: try Self.stream([bytes[...]], context).0, as: UTF8.self)
    for cut in stride(from: 1, to: bytes.count, by: 7) {
      guard let output = try? Self.stream([bytes[..<cut]], context).0 else { continue }
      let fault = OrderChecker.fault(in: output, of: golden.client)
      if let fault { Issue.record("cut at \(cut): \(fault)") }
      let text = String(decoding: output, as: UTF8.self)
      let claimsEnd = text.contains("message_stop") || text.contains("[DONE]")
      // Behind the reason to stop only usage and the end mark can be missing.
      let hadReason =
        bytes[..<cut].contains("stop_reason\":\"") || bytes[..<cut].contains("finish_reason\":\"")
      let mayBeCut = !context.emulatedStops.isEmpty
      if claimsEnd, !hadReason, !mayBeCut, text != isWhole {
        Issue.record("cut at \(cut): claims to be whole")
      }
    }
  }
}

extension ArraySlice<UInt8> {
  /// White space between tokens does not count.
  fileprivate func contains(_ text: String) -> Bool {
    String(decoding: self.filter { $0 != 0x20 }, as: UTF8.self).contains(text)
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
