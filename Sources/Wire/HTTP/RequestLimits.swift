/// How much of a request's head is read before it is refused; gunicorn's numbers and meaning.
package struct RequestLimits: Equatable, Sendable {
  /// Bytes of the request line without its line end; more is answered with 414.
  package var lineBytes: Int
  /// Header fields, those that are dropped included; more are answered with 431.
  package var fields: Int
  /// Bytes of one header line with its line end; more is answered with 431.
  package var fieldBytes: Int

  /// What becomes of a field with `_` in its name, which CGI-like readers behind us take for `-`.
  package enum Underscores: Sendable {
    case drop, refuse, pass
  }

  package var underscores: Underscores

  package init(
    lineBytes: Int = 4094, fields: Int = 100, fieldBytes: Int = 8190, underscores: Underscores = .drop
  ) {
    self.underscores = underscores
    self.lineBytes = lineBytes
    self.fields = fields
    self.fieldBytes = fieldBytes
  }

  /// No head that is accepted is longer than this: leading empty lines, the request line, the fields, the blank
  /// line.
  package var headBytes: Int {
    let line = self.lineBytes.addingReportingOverflow(8)
    let fields = self.fields.multipliedReportingOverflow(by: self.fieldBytes)
    let sum = line.partialValue.addingReportingOverflow(fields.partialValue)
    return line.overflow || fields.overflow || sum.overflow ? Int.max : sum.partialValue
  }
}
