/// Which headers of an upstream's reply go on, and in which form (matrix E5).
enum FailureHeaders {
  private static let upstreamIDs = ["request-id", "x-request-id", "apim-request-id", "cf-ray"]
  private static let kept = ["retry-after", "retry-after-ms", "x-should-retry"]
  private static let ofOpenAI = ["openai-processing-ms", "openai-version", "x-ms-region"]
  private static let claude = "anthropic-ratelimit-"
  private static let claudeTokens = "anthropic-ratelimit-tokens-"
  private static let openAI = "x-ratelimit-"

  /// By the first letter, in any case: enough to leave most out.
  static func heeds(_ name: Span<UInt8>) -> Bool {
    guard name.count >= 6 else { return false }
    switch name[0] | 0x20 {
    case 0x61, 0x6F, 0x72, 0x78: return true
    case 0x63: return name.count == 6
    default: return false
    }
  }

  /// The headers a client of that protocol gets, its request id first.
  static func convert(
    _ fields: [HTTPField], from upstream: Dialect, to client: Dialect, requestID: String, now: Int
  ) -> [HTTPField] {
    var output = [HTTPField(client == .messages ? "request-id" : "x-request-id", requestID)]
    if fields.isEmpty { return output }
    if let id = self.upstreamIDs.lazy.compactMap({ name in fields.first { $0.name == name } }).first {
      output.append(HTTPField("x-upstream-request-id", id.value))
    }
    output += fields.filter { self.kept.contains($0.name) }
    if upstream == .chat, client == .chat { output += fields.filter { self.ofOpenAI.contains($0.name) } }
    if let other = self.otherWait(fields) { output.append(other) }
    let hasTokens = fields.contains { $0.name.hasPrefix(self.claudeTokens) }
    for field in fields {
      if field.name.hasPrefix(self.claude) {
        output += self.claudeLimit(field, client, now, hasTokens: hasTokens)
      } else if field.name.hasPrefix(self.openAI) {
        output += self.openAILimit(field, client, now)
      }
    }
    return output
  }

  /// How long to wait is said in seconds and in milliseconds, whichever of the two a client reads.
  private static func otherWait(_ fields: [HTTPField]) -> HTTPField? {
    let seconds = fields.first { $0.name == "retry-after" }
    let milliseconds = fields.first { $0.name == "retry-after-ms" }
    switch (seconds.map { Double($0.value) }, milliseconds.map { Double($0.value) }) {
    case (nil, let wait??) where wait >= 0 && wait < 1e12:
      return HTTPField("retry-after", String(Int((wait / 1000).rounded(.up))))
    case (let wait??, nil) where wait >= 0 && wait < 1e9:
      return HTTPField("retry-after-ms", String(Int((wait * 1000).rounded(.up))))
    default: return nil
    }
  }

  private static func claudeLimit(
    _ field: HTTPField, _ client: Dialect, _ now: Int, hasTokens: Bool
  ) -> [HTTPField] {
    if client == .messages { return [field] }
    let words = field.name.dropFirst(self.claude.count).split(separator: "-").map(String.init)
    guard let what = words.last, ["limit", "remaining", "reset"].contains(what) else { return [] }
    let subject: String
    switch words.dropLast().joined(separator: "-") {
    case "requests": subject = "requests"
    case "tokens": subject = "tokens"
    case "input-tokens" where !hasTokens: subject = "tokens"
    default: return []
    }
    guard what == "reset" else { return [HTTPField("\(self.openAI)\(what)-\(subject)", field.value)] }
    guard let instant = Instant.parse(field.value) else { return [] }
    let left = max(0, instant - Double(now))
    return [HTTPField("\(self.openAI)reset-\(subject)", Instant.duration(left))]
  }

  private static func openAILimit(_ field: HTTPField, _ client: Dialect, _ now: Int) -> [HTTPField] {
    if client != .messages { return [field] }
    let words = field.name.dropFirst(self.openAI.count).split(separator: "-").map(String.init)
    guard words.count == 2, ["requests", "tokens"].contains(words[1]) else { return [] }
    guard words[0] == "reset" else {
      return [HTTPField("\(self.claude)\(words[1])-\(words[0])", field.value)]
    }
    guard let seconds = Instant.seconds(ofDuration: field.value), seconds < 1e9 else { return [] }
    let instant = now + Int(seconds.rounded(.up))
    return [HTTPField("\(self.claude)\(words[1])-reset", Instant.format(instant))]
  }
}

/// Points in time and spans as headers spell them.
enum Instant {
  /// RFC 3339 in UTC.
  static func format(_ seconds: Int) -> String {
    let days = (seconds - (((seconds % 86400) + 86400) % 86400)) / 86400
    let time = ((seconds % 86400) + 86400) % 86400
    // Days to a civil date, counted in 400-year eras from 0000-03-01.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = "\(self.two(year / 100))\(self.two(year % 100))-\(self.two(month))-\(self.two(day))"
    return "\(date)T\(self.two(time / 3600)):\(self.two(time / 60 % 60)):\(self.two(time % 60))Z"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Seconds since 1970 of an RFC 3339 time.
  static func parse(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[13] == 0x3A, bytes[16] == 0x3A else {
      return nil
    }
    func number(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    let fraction = bytes[19...].first == 0x2E ? bytes[20...].prefix { $0 >= 0x30 && $0 <= 0x39 } : []
    var seconds = Double(days * 86400 + hour * 3600 + minute * 60 + second)
    seconds += Double("0.\(String(decoding: fraction, as: UTF8.self))") ?? 0
    let zone = bytes[19...].drop { $0 == 0x2E || ($0 >= 0x30 && $0 <= 0x39) }
    if let sign = zone.first, sign == 0x2B || sign == 0x2D, zone.count >= 6 {
      let start = zone.startIndex
      guard let hours = number((start + 1)..<(start + 3)), let minutes = number((start + 4)..<(start + 6))
      else {
        return nil
      }
      seconds -= Double((hours * 60 + minutes) * 60) * (sign == 0x2B ? 1 : -1)
    }
    return seconds
  }

  /// `1h2m3s`, under one second `500ms`.
  static func duration(_ seconds: Double) -> String {
    if seconds < 1 { return "\(Int((seconds * 1000).rounded()))ms" }
    let whole = Int(min(seconds, 1e9).rounded(.up))
    let hours = whole / 3600 > 0 ? "\(whole / 3600)h" : ""
    let minutes = whole / 60 > 0 ? "\(whole / 60 % 60)m" : ""
    return "\(hours)\(minutes)\(whole % 60)s"
  }

  /// The seconds in `1h2m3.5s`, `120ms` or a bare number.
  static func seconds(ofDuration text: String) -> Double? {
    if let bare = Double(text) { return bare >= 0 ? bare : nil }
    var total = 0.0
    var digits = ""
    var rest = text[...]
    while let character = rest.first {
      if character.isNumber || character == "." {
        digits.append(character)
        rest = rest.dropFirst()
        continue
      }
      guard let number = Double(digits) else { return nil }
      digits = ""
      if rest.hasPrefix("ms") {
        total += number / 1000
        rest = rest.dropFirst(2)
      } else if let unit = ["h": 3600.0, "m": 60, "s": 1, "d": 86400][character] {
        total += number * unit
        rest = rest.dropFirst()
      } else {
        return nil
      }
    }
    return digits.isEmpty && !text.isEmpty ? total : nil
  }
}
