/// How a setting is read, compared and printed; made by one factory per kind of field, so a row cannot mix types up.
package struct SettingKind: Sendable {
  /// Why a value was not taken, worded as what would be right.
  package struct Expectation: Error, Equatable { package let text: String }

  package typealias Field<Value> = WritableKeyPath<Settings, Value> & Sendable

  package let syntax: SettingSyntax
  let assign: @Sendable (_ text: String, _ settings: inout Settings) -> Expectation?
  let isEqual: @Sendable (Settings, Settings) -> Bool
  /// Empty for what is unset.
  let printed: @Sendable (Settings) -> String

  init<Value: Equatable & Sendable>(
    _ syntax: SettingSyntax, _ field: any Field<Value>,
    parse: @escaping @Sendable (String) -> Result<Value, Expectation>?,
    print: @escaping @Sendable (Value) -> String
  ) {
    self.syntax = syntax
    self.assign = { text, settings in
      switch parse(text) {
      case .success(let value): settings[keyPath: field] = value
      case .failure(let expectation): return expectation
      case nil: return Expectation(text: syntax.inWords)
      }
      return nil
    }
    self.isEqual = { $0[keyPath: field] == $1[keyPath: field] }
    self.printed = { print($0[keyPath: field]) }
  }

  /// For a family of names, each of which adds one element.
  init<Element: Equatable & Sendable>(
    adding syntax: SettingSyntax, _ field: any Field<[Element]>,
    parse: @escaping @Sendable (String) -> Element?, print: @escaping @Sendable ([Element]) -> String
  ) {
    self.syntax = syntax
    self.assign = { text, settings in
      guard let element = parse(text) else { return Expectation(text: syntax.inWords) }
      settings[keyPath: field].append(element)
      return nil
    }
    self.isEqual = { $0[keyPath: field] == $1[keyPath: field] }
    self.printed = { print($0[keyPath: field]) }
  }
}

extension SettingKind {
  /// `adjust` is what the setting's history makes of special values, such as 0 for "no limit".
  static func number(
    _ syntax: SettingSyntax, to field: any Field<Int>, adjust: @escaping @Sendable (Int) -> Int = { $0 }
  ) -> Self {
    Self(syntax, field) { text in
      syntax.parseNumber(text).map { .success(adjust($0)) }
    } print: {
      "\($0)"
    }
  }

  static func optionalNumber(_ syntax: SettingSyntax, to field: any Field<Int?>) -> Self {
    Self(syntax, field) { text in
      syntax.parseNumber(text).map { .success($0) }
    } print: {
      $0.map(String.init) ?? ""
    }
  }

  static func decimal(
    _ range: ClosedRange<Double>, to field: any Field<Double>,
    adjust: @escaping @Sendable (Double) -> Double = { $0 }
  ) -> Self {
    let syntax = SettingSyntax.decimal(range)
    return Self(syntax, field) { text in
      syntax.parseDecimal(text).map { .success(adjust($0)) }
    } print: {
      "\($0)"
    }
  }

  static func boolean(to field: any Field<Bool>) -> Self {
    Self(.boolean, field) { text in
      SettingSyntax.parseBoolean(text).map { .success($0) }
    } print: {
      $0 ? "true" : "false"
    }
  }

  /// `words` are offered in messages; `read` may know more.
  static func word<Value: Equatable & Sendable>(
    _ words: [String], to field: any Field<Value>, read: @escaping @Sendable (String) -> Value?,
    print: @escaping @Sendable (Value) -> String
  ) -> Self {
    Self(.word(words), field) { text in
      read(text).map { .success($0) }
    } print: {
      print($0)
    }
  }

  static func text(
    _ form: String, to field: any Field<String>, read: @escaping @Sendable (String) -> String?
  ) -> Self {
    Self(.text(form), field) { text in
      read(text).map { .success($0) }
    } print: {
      $0
    }
  }

  static func optionalText(
    _ form: String, to field: any Field<String?>, if isAccepted: @escaping @Sendable (String) -> Bool
  ) -> Self {
    Self(.text(form), field) { text in
      isAccepted(text) ? .success(text) : nil
    } print: {
      $0 ?? ""
    }
  }

  /// A header field's value; empty = the field is not sent.
  static func field(to field: any Field<String>) -> Self {
    .text("text in one line, or nothing", to: field) { HeaderSetting.isValue($0) ? $0 : nil }
  }

  static func model(to field: any Field<String?>) -> Self {
    .optionalText("a model's name", to: field) { _ in true }
  }

  static func url(to field: any Field<UpstreamURL?>) -> Self {
    Self(.url, field) { text in
      Self.readURL(text).map(Optional.some)
    } print: {
      $0.map(\.description) ?? ""
    }
  }

  /// An empty value means a direct connection; unset leaves it to the process environment.
  static func proxy(to field: any Field<OutboundProxy>) -> Self {
    Self(.text("an http:// or https:// URL without path, or nothing for a direct connection"), field) {
      text in
      if text.isEmpty { return .success(.direct) }
      return Self.readURL(text).flatMap { url in
        guard url.requestTarget == "/" else {
          return .failure(Expectation(text: "a proxy's URL without a path"))
        }
        return .success(.through(url))
      }
    } print: { proxy in
      switch proxy {
      case .environment: ""
      case .direct: "none"
      case .through(let url): url.origin
      }
    }
  }

  /// A proxy's address without the meanings of nothing.
  static func proxyAddress(to field: any Field<UpstreamURL?>) -> Self {
    Self(.text("an http:// or https:// URL without path"), field) { text in
      Self.readURL(text).flatMap { url in
        url.requestTarget == "/"
          ? .success(url) : .failure(Expectation(text: "a proxy's URL without a path"))
      }
    } print: {
      $0?.origin ?? ""
    }
  }

  private static func readURL(_ text: String) -> Result<UpstreamURL, Expectation> {
    do throws(UpstreamURL.Defect) {
      return .success(try UpstreamURL(parsing: text))
    } catch {
      return .failure(Expectation(text: error.expected))
    }
  }

  static func secret(to field: any Field<Secret?>) -> Self {
    Self(.secret, field) { text in
      let secret = Secret(text)
      return secret.isHeaderSafe ? .success(secret) : nil
    } print: {
      $0.map(\.description) ?? ""
    }
  }

  /// Commas or line ends between the keys; what is empty between two of them is no key.
  static func secrets(to field: any Field<[Secret]>) -> Self {
    Self(.secretList, field) { text in
      let keys = text.split { $0 == "," || $0.isNewline }.map { $0.trimmingBlanks() }
        .filter { !$0.isEmpty }.map(Secret.init)
      return keys.allSatisfy(\.isHeaderSafe) ? .success(keys) : nil
    } print: { keys in
      switch keys.count {
      case 0: ""
      case 1: "1 key"
      default: "\(keys.count) keys"
      }
    }
  }
}
