/// Writes the text format that Prometheus scrapes (version 0.0.4). Names and labels are the program's own words.
struct PrometheusText {
  typealias Label = (name: StaticString, value: String)

  private(set) var bytes: [UInt8] = []
  private var family = ""

  mutating func counter(_ name: String, _ help: String) { self.begin(name, "counter", help) }
  mutating func gauge(_ name: String, _ help: String) { self.begin(name, "gauge", help) }
  mutating func histogram(_ name: String, _ help: String) { self.begin(name, "histogram", help) }

  /// A counter or gauge without labels, in one go.
  mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
    self.counter(name, help)
    self.sample([], String(value))
  }

  mutating func gauge(_ name: String, _ help: String, _ value: Int) {
    self.gauge(name, help)
    self.sample([], String(value))
  }

  mutating func sample(_ labels: [Label], _ value: UInt64) { self.sample(labels, String(value)) }
  mutating func sample(_ labels: [Label], _ value: Int) { self.sample(labels, String(value)) }

  mutating func sample(_ labels: [Label], _ histogram: Histogram) {
    let cumulative = histogram.cumulative
    for (index, bound) in Histogram.boundsMicroseconds.enumerated() where index < cumulative.count {
      self.sample(
        labels + [("le", Self.seconds(bound))], String(cumulative[index]), suffix: "_bucket")
    }
    let count = String(cumulative.last ?? 0)
    self.sample(labels + [("le", "+Inf")], count, suffix: "_bucket")
    self.sample(labels, Self.seconds(histogram.sumMicroseconds), suffix: "_sum")
    self.sample(labels, count, suffix: "_count")
  }

  private mutating func begin(_ name: String, _ type: String, _ help: String) {
    self.family = "claude_proxy_\(name)"
    self.bytes += Array("# HELP \(self.family) \(help)\n# TYPE \(self.family) \(type)\n".utf8)
  }

  private mutating func sample(_ labels: [Label], _ value: String, suffix: String = "") {
    self.bytes += Array(self.family.utf8) + Array(suffix.utf8)
    if !labels.isEmpty {
      self.bytes.append(0x7B)
      for (index, label) in labels.enumerated() {
        if index > 0 { self.bytes.append(0x2C) }
        self.bytes += Array("\(label.name)=\"".utf8)
        for byte in label.value.utf8 {
          if byte == 0x0A { self.bytes += [0x5C, 0x6E]; continue }
          if byte == 0x22 || byte == 0x5C { self.bytes.append(0x5C) }
          self.bytes.append(byte)
        }
        self.bytes.append(0x22)
      }
      self.bytes.append(0x7D)
    }
    self.bytes += Array(" \(value)\n".utf8)
  }

  /// Without a fraction's trailing zeros: `0.005`, `1`, `2.5`.
  static func seconds(_ microseconds: UInt64) -> String {
    let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if rest == 0 { return String(whole) }
    var digits = String(rest + 1_000_000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }
}
