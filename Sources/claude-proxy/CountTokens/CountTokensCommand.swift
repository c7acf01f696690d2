internal import Gateway
internal import Server
internal import Settings
internal import Tokens
internal import Wire

/// One run of `count-tokens`.
struct CountTokensCommand {
  private let options: CountTokensOptions

  init(_ options: CountTokensOptions) {
    self.options = options
  }

  func run() throws -> Int32 {
    if let request = self.options.request { return try self.count(request: request) }
    let directory =
      self.options.folder
      ?? ConfigurationLoader.processEnvironment().last { $0.name == "TOKEN_DATA_DIR" && !$0.value.isEmpty }?
      .value
    let (vocabularies, faults) = TokenTables.load(directory)
    let name = self.options.encoding ?? EncodingName(model: self.options.model ?? "")
    guard let vocabulary = vocabularies[name] else {
      let fault = faults.first { $0.path.hasSuffix(name.fileName) }
      throw CountTokensMistake(message: fault.map(\.description) ?? "no table for \(name.rawValue)")
    }
    guard let input = TranslateFiles.readInput() else {
      throw CountTokensMistake(message: "standard input cannot be read")
    }
    let scratch = TokenScratch(vocabulary)
    return self.write(self.options.isLines ? try self.lines(input, scratch) : self.answer(input, scratch))
  }

  private func count(request: String) throws -> Int32 {
    let bytes = request == "-" ? TranslateFiles.readInput() : TranslateFiles.read(path: request)
    guard let bytes else { throw CountTokensMistake(message: "\(request) cannot be read") }
    let document: JSONDocument
    do {
      document = try JSONDocument(bytes)
    } catch {
      throw CountTokensMistake(message: "\(request) is no JSON: \(error)")
    }
    guard document.root.kind == .object else { throw CountTokensMistake(message: "\(request) is no request") }
    let settings = try self.settings()
    let (vocabularies, faults) = TokenTables.load(for: settings.tokens)
    for fault in faults { TranslateFiles.writeError("\(fault); characters are counted instead\n") }
    let model =
      self.options.model
      ?? ModelNames(settings.models).reader(of: document.root["model"]?.string, settings.plan) ?? ""
    let counter = TokenCounter(vocabularies, settings)
    let count = counter.count(Countable(request: document, model: model))
    return self.write(Array("\(count.tokens)\n".utf8))
  }

  /// The daemon's, but for what the command line says. A counter is of use to those who may not read them, too.
  private func settings() throws -> Settings {
    var settings = Settings()
    let loader = ConfigurationLoader(configFile: self.options.configFile)
    switch loader.load(listeners: .systemd(publicAddresses: [])) {
    case .accepted(let found, _):
      settings = found
    case .refused(let faults, _):
      let fault = faults.first.map(\.description) ?? "the configuration is not usable"
      if self.options.configFile != nil { throw CountTokensMistake(message: fault) }
      TranslateFiles.writeError("\(fault); the defaults are used instead\n")
    }
    if let folder = self.options.folder { settings.tokens.dataDirectory = folder }
    if let encoding = self.options.encoding?.rawValue {
      settings.tokens.encoding = TokenSettings.Encoding(rawValue: encoding) ?? .auto
    }
    return settings
  }

  private func lines(_ input: [UInt8], _ scratch: TokenScratch) throws -> [UInt8] {
    var output: [UInt8] = []
    for line in input.split(separator: 0x0A) {
      guard let document = try? JSONDocument(Array(line)), document.root.kind == .string else {
        throw CountTokensMistake(message: "a line is no JSON string")
      }
      var text: [UInt8] = []
      document.root.appendText(to: &text)
      output += self.answer(text, scratch)
    }
    return output
  }

  private func answer(_ input: [UInt8], _ scratch: TokenScratch) -> [UInt8] {
    let text = Array(String(decoding: input, as: UTF8.self).utf8)
    if !self.options.wantsTokens, !self.options.knowsSpecials {
      return Array("\(scratch.count(text.span))\n".utf8)
    }
    let tokens =
      self.options.knowsSpecials ? scratch.encodeWithSpecials(text.span) : scratch.encode(text.span)
    guard self.options.wantsTokens else { return Array("\(tokens.count)\n".utf8) }
    return Array((tokens.map(String.init).joined(separator: " ") + "\n").utf8)
  }

  private func write(_ output: [UInt8]) -> Int32 { TranslateFiles.writeOutput(output) ? 0 : 1 }
}
