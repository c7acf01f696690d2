import Dialogue
import Wire

/// One run of the filter.
struct TranslateCommand {
  private let options: TranslateOptions
  private var surroundings: Surroundings
  private var settings = TranslationSettings()
  private var losses = Losses()

  init(_ options: TranslateOptions) {
    self.options = options
    self.settings.refusesLosses = options.loss == .refuse
    self.settings.clientVersion = options.headers.first { $0.name == "anthropic-version" }?.value
    if options.isDeterministic {
      self.surroundings = .counted(now: 1_800_000_000)
    } else {
      self.surroundings = .seeded(TranslateFiles.randomBytes(16), now: TranslateFiles.now)
      self.settings.envelopeKeys = EnvelopeKeys([
        EnvelopeKeys.Key(id: "filter", bytes: TranslateFiles.randomBytes(32))
      ])
    }
  }

  mutating func run() throws(TranslateMistake) -> Int32 {
    guard let input = TranslateFiles.readInput() else {
      throw TranslateMistake(message: "standard input cannot be read")
    }
    if self.options.isLines {
      guard TranslateFiles.writeOutput(TranslateLines(self.options, self.settings).run(input)) else {
        throw TranslateMistake(message: "standard output cannot be written")
      }
      return 0
    }
    let status: Int32
    switch self.options.mode {
    case .request: status = try self.runRequest(input)
    case .response: status = try self.runResponse(input)
    case .stream: status = try self.runStream(input)
    case .error: status = try self.runError(input)
    }
    try self.writeLosses()
    return status
  }

  private var profile: Profile { self.options.upstreamProfile }

  // MARK: Requests

  private mutating func runRequest(_ input: [UInt8]) throws(TranslateMistake) -> Int32 {
    do {
      let document = try Self.parse(input)
      let outcome = try Translation.request(
        document, from: self.options.client, to: self.profile, model: self.options.model,
        settings: self.settings)
      switch outcome {
      case .answer(_, let context):
        try self.write(Translation.prewarmAnswer(context, &self.surroundings).body)
        return 3
      case .send(let body):
        self.losses.add(body.losses)
        var headers = [HTTPField("content-type", "application/json")]
        if self.options.upstream == .messages { headers.append(HTTPField("anthropic-version", "2023-06-01")) }
        if body.isStreaming { headers.append(HTTPField("accept", "text/event-stream")) }
        try self.writeHeaders(headers)
        try self.write(body.bytes)
        return 0
      }
    } catch let refusal as Refusal {
      return try self.writeFailure(Failure(refusal), nil)
    } catch let mistake as TranslateMistake {
      throw mistake
    } catch {
      throw TranslateMistake(message: "\(error)")
    }
  }

  private static func parse(_ input: [UInt8]) throws(Refusal) -> JSONDocument {
    do {
      return try JSONDocument(input)
    } catch {
      throw Refusal(error)
    }
  }

  // MARK: Answers

  /// What the answer must know of the request; without one, of the smallest there is.
  private func context() throws(TranslateMistake) -> ReplyContext {
    let isStream = self.options.mode == .stream
    guard let file = self.options.requestFile else {
      let model = self.options.model ?? (self.options.isDeterministic ? "m" : "")
      var context = ReplyContext(client: self.options.client, profile: self.profile, model: model)
      context.isStreaming = isStream
      context.envelopeKeys = self.settings.envelopeKeys
      return context
    }
    guard let bytes = TranslateFiles.read(path: file) else {
      throw TranslateMistake(message: "\(file) cannot be read")
    }
    do {
      let outcome = try Translation.request(
        try Self.parse(bytes), from: self.options.client, to: self.profile, settings: self.settings)
      var context: ReplyContext
      switch outcome {
      case .send(let body): context = body.context
      case .answer(_, let answered): context = answered
      }
      if let model = self.options.model { context.model = model }
      return context
    } catch {
      throw TranslateMistake(message: "\(file) cannot be translated: \(error.message)")
    }
  }

  private mutating func runResponse(_ input: [UInt8]) throws(TranslateMistake) -> Int32 {
    let context = try self.context()
    do {
      let reply = try Translation.reply(input, context, &self.surroundings)
      self.losses.add(reply.losses)
      try self.writeHeaders(self.replyHeaders(context) + reply.answer.headers)
      try self.write(reply.answer.body)
      return 0
    } catch let failure as Failure {
      return try self.writeFailure(failure, context)
    } catch let mistake as TranslateMistake {
      throw mistake
    } catch {
      throw TranslateMistake(message: "\(error)")
    }
  }

  private func replyHeaders(_ context: ReplyContext) -> [HTTPField] {
    var surroundings = self.surroundings
    return Translation.replyHeaders(self.options.headers, context, &surroundings)
  }

  private mutating func runStream(_ input: [UInt8]) throws(TranslateMistake) -> Int32 {
    let context = try self.context()
    var translator = StreamTranslator(context, self.surroundings)
    translator.feed(input.span)
    translator.finish()
    self.losses.add(translator.losses)
    if case .failed(let failure) = translator.phase { return try self.writeFailure(failure, context) }
    var output: [UInt8] = []
    translator.drain(into: &output)
    let type = HTTPField("content-type", "text/event-stream; charset=utf-8")
    try self.writeHeaders(self.replyHeaders(context) + [type])
    try self.write(output)
    return 0
  }

  /// The input is `{"status","headers","body"}`; a body that is no JSON is a string.
  private mutating func runError(_ input: [UInt8]) throws(TranslateMistake) -> Int32 {
    let context = try self.context()
    guard let document = try? JSONDocument(input), let status = document.root["status"]?.integer else {
      throw TranslateMistake(message: "the input must be {\"status\",\"headers\",\"body\"}")
    }
    var headers = self.options.headers
    for member in document.root["headers"]?.members.map(\.self) ?? [] {
      headers.append(HTTPField(member.name, member.value.string ?? member.value.rawText))
    }
    var body: [UInt8] = []
    if let value = document.root["body"] {
      if value.kind == .string { value.appendText(to: &body) } else { body = Array(value.rawBytes) }
    }
    let failure = Translation.failure(
      status: status, headers: headers, body: body, from: self.options.upstream)
    return try self.writeFailure(failure, context)
  }

  // MARK: Output

  private mutating func writeFailure(
    _ failure: Failure, _ context: ReplyContext?
  ) throws(TranslateMistake) -> Int32 {
    let answer: HTTPAnswer
    if let context {
      answer = Translation.answer(failure, context, &self.surroundings)
    } else {
      answer = Translation.answer(failure, to: self.options.client, &self.surroundings)
    }
    var writer = JSONWriter()
    writer.append(answer)
    try self.write(writer.bytes)
    return answer.status < 400 ? 0 : 1
  }

  private func write(_ bytes: [UInt8]) throws(TranslateMistake) {
    guard TranslateFiles.writeOutput(bytes) else {
      throw TranslateMistake(message: "standard output cannot be written")
    }
  }

  private func writeHeaders(_ headers: [HTTPField]) throws(TranslateMistake) {
    guard let file = self.options.headersFile else { return }
    var headers = headers
    if let dropped = self.losses.header([.dropped]) { headers.append(HTTPField("x-proxy-dropped", dropped)) }
    if let changed = self.losses.header([.changed, .emulated]) {
      headers.append(HTTPField("x-proxy-changed", changed))
    }
    let text = headers.map { "\($0.name): \($0.value)\n" }.joined()
    guard TranslateFiles.write(Array(text.utf8), path: file) else {
      throw TranslateMistake(message: "\(file) cannot be written")
    }
  }

  private func writeLosses() throws(TranslateMistake) {
    if self.options.loss == .ignore { return }
    var writer = JSONWriter()
    var output: [UInt8] = []
    for loss in self.losses.inOrder {
      writer.removeAll()
      writer.append(loss)
      output += writer.bytes + [0x0A]
    }
    if let file = self.options.lossesFile {
      guard TranslateFiles.write(output, path: file) else {
        throw TranslateMistake(message: "\(file) cannot be written")
      }
    } else if !output.isEmpty {
      TranslateFiles.writeError(String(decoding: output, as: UTF8.self))
    }
  }
}
