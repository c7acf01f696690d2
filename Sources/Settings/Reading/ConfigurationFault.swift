/// Where an assignment stands.
package struct ConfigurationPlace: Sendable, Equatable, CustomStringConvertible {
  /// A path, or `environment` or `credential`.
  package let file: String
  /// From 1; 0 where lines mean nothing.
  package let line: Int

  package init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  package static let environment = ConfigurationPlace(file: "environment", line: 0)
  package static let credential = ConfigurationPlace(file: "credential", line: 0)

  package var description: String { self.line > 0 ? "\(self.file):\(self.line)" : self.file }
}

/// One reason to refuse a configuration, told so that the operator can put it right without a manual.
package struct ConfigurationFault: Sendable, Equatable, Error, CustomStringConvertible {
  package let file: String
  package let line: Int
  package let key: String
  /// Nil where there is none to show, and always for a secret.
  package let value: String?
  package let expected: String

  package init(at place: ConfigurationPlace, key: String, value: String?, expected: String) {
    self.file = place.file
    self.line = place.line
    self.key = key
    self.value = value.map(Self.printable)
    self.expected = expected
  }

  package var description: String {
    let place = ConfigurationPlace(file: self.file, line: self.line).description
    let key = self.key.isEmpty ? "" : " \(self.key):"
    guard let value = self.value else { return "\(place):\(key) \(self.expected)" }
    return "\(place):\(key) \"\(value)\" is not accepted; expected \(self.expected)"
  }

  /// A value never breaks out of its line, and a long one is cut.
  static func printable(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars.prefix(120) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        text += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        text.unicodeScalars.append(scalar)
      }
    }
    return value.unicodeScalars.count > 120 ? text + "..." : text
  }
}

/// Something the operator should know about a configuration that is accepted all the same.
package struct ConfigurationRemark: Sendable, Equatable, CustomStringConvertible {
  package enum Weight: String, Sendable, Equatable { case notice, warning }

  package let weight: Weight
  package let place: ConfigurationPlace
  package let key: String
  package let text: String

  package init(_ weight: Weight, at place: ConfigurationPlace, key: String, _ text: String) {
    self.weight = weight
    self.place = place
    self.key = key
    self.text = text
  }

  package var description: String {
    self.key.isEmpty ? "\(self.place): \(self.text)" : "\(self.place): \(self.key): \(self.text)"
  }
}
