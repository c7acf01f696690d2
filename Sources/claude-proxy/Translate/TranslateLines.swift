import Dialogue
import Wire

/// Many requests in one run of the filter: a body a line, and for each a line that says what became of it.
struct TranslateLines {
  private let options: TranslateOptions
  private let settings: TranslationSettings

  init(_ options: TranslateOptions, _ settings: TranslationSettings) {
    self.options = options
    self.settings = settings
  }

  func run(_ input: [UInt8]) -> [UInt8] {
    var writer = JSONWriter()
    var output: [UInt8] = []
    for line in input.split(separator: 0x0A) {
      writer.removeAll()
      self.translate(Array(line), into: &writer)
      output += writer.bytes
      output.append(0x0A)
    }
    return output
  }

  private func translate(_ line: [UInt8], into writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("exit")
    var losses = Losses()
    do throws(Refusal) {
      let outcome = try Translation.request(
        try Self.parse(line), from: self.options.client, to: self.options.upstreamProfile,
        model: self.options.model, settings: self.settings)
      switch outcome {
      case .answer(_, let context):
        var surroundings = Surroundings.counted(now: 1_800_000_000)
        writer.integer(3)
        writer.key("output")
        writer.raw(Translation.prewarmAnswer(context, &surroundings).body.span)
      case .send(let body):
        losses = body.losses
        writer.integer(0)
        writer.key("output")
        writer.raw(body.bytes.span)
      }
    } catch {
      var surroundings = Surroundings.counted(now: 1_800_000_000)
      writer.integer(1)
      writer.key("output")
      writer.append(Translation.answer(Failure(error), to: self.options.client, &surroundings))
    }
    writer.key("losses")
    writer.beginArray()
    for loss in losses.inOrder { writer.append(loss) }
    writer.endArray()
    writer.endObject()
  }

  private static func parse(_ line: [UInt8]) throws(Refusal) -> JSONDocument {
    do {
      return try JSONDocument(line)
    } catch {
      throw Refusal(error)
    }
  }
}

extension JSONWriter {
  /// An error as the filter spells it.
  mutating func append(_ answer: HTTPAnswer) {
    self.beginObject()
    self.key("status")
    self.integer(answer.status)
    self.key("headers")
    self.beginObject()
    for header in answer.headers {
      self.key(text: header.name)
      self.string(header.value)
    }
    self.endObject()
    self.key("body")
    let body = answer.body
    self.raw(body.span)
    self.endObject()
  }

  mutating func append(_ loss: Loss) {
    self.beginObject()
    self.key("path")
    self.string(loss.path)
    if let word = loss.word {
      self.key("word")
      self.string(word)
    }
    self.key("action")
    self.string(loss.action.rawValue)
    self.key("reason")
    self.string(loss.reason)
    self.endObject()
  }
}
