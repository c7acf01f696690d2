internal import Systemd

/// The name of a journal field: upper-case letters, digits and `_`, at most 64.
package struct LogFieldName: Sendable, Hashable, ExpressibleByStringLiteral {
  package let text: String

  package init(stringLiteral text: String) {
    assert(JournalEntry.isFieldName(text), "not a journal field's name")
    self.text = text
  }
}

/// What a field holds; made into text on the log thread only.
package enum LogValue: Sendable, Equatable {
  case text(String)
  case integer(Int)
  /// May hold anything, line breaks and null bytes included.
  case bytes([UInt8])
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
  package init(stringLiteral text: String) {
    self = .text(text)
  }

  package init(integerLiteral number: Int) {
    self = .integer(number)
  }
}

/// The fields of one record in the order they were given: `["STATUS": 200, "ROUTE": .text(route)]`.
package struct LogFields: Sendable, ExpressibleByDictionaryLiteral {
  package private(set) var pairs: [(name: LogFieldName, value: LogValue)]

  package init() {
    self.pairs = []
  }

  package init(dictionaryLiteral pairs: (LogFieldName, LogValue)...) {
    self.pairs = pairs.map { (name: $0.0, value: $0.1) }
  }

  package mutating func append(_ name: LogFieldName, _ value: LogValue) {
    self.pairs.append((name: name, value: value))
  }

  package mutating func append(contentsOf other: LogFields) {
    self.pairs.append(contentsOf: other.pairs)
  }

  package subscript(name: LogFieldName) -> LogValue? {
    self.pairs.first { $0.name == name }?.value
  }
}
