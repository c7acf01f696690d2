/// Points in time as JSON documents spell them, from a clock somebody else reads.
package enum Timestamp {
  /// RFC 3339 in UTC, such as `1994-11-06T08:49:37Z`.
  package static func utc(unixSeconds: Int) -> String {
    let parts = Self.parts(unixSeconds)
    return "\(parts.date)T\(parts.time)Z"
  }

  /// Such as `1994-11-06 08:49:37`, so many seconds east of UTC.
  package static func plain(unixSeconds: Int, offsetSeconds: Int = 0) -> String {
    let parts = Self.parts(unixSeconds.addingReportingOverflow(offsetSeconds).partialValue)
    return "\(parts.date) \(parts.time)"
  }

  /// As web servers' logs have it, such as `06/Nov/1994:08:49:37 +0000`, so many seconds east of UTC.
  package static func common(unixSeconds: Int, offsetSeconds: Int) -> String {
    let words = HTTPDate.text(unixSeconds: unixSeconds.addingReportingOverflow(offsetSeconds).partialValue)
      .split(separator: " ")
    guard words.count == 6 else { return "" }
    let minutes = offsetSeconds.magnitude / 60
    let offset = "\(HTTPDate.digits(Int(minutes / 60), 2))\(HTTPDate.digits(Int(minutes % 60), 2))"
    return "\(words[1])/\(words[2])/\(words[3]):\(words[4]) \(offsetSeconds < 0 ? "-" : "+")\(offset)"
  }

  private static func parts(_ unixSeconds: Int) -> (date: String, time: String) {
    let range = HTTPDate.expressible
    let day = HTTPDate.floor(min(max(unixSeconds, range.lowerBound), range.upperBound), 86_400)
    let date = HTTPDate.civil(day: day.quotient)
    let time = [day.remainder / 3600, day.remainder / 60 % 60, day.remainder % 60]
      .map { HTTPDate.digits($0, 2) }.joined(separator: ":")
    return (
      "\(HTTPDate.digits(date.year, 4))-\(HTTPDate.digits(date.month, 2))-\(HTTPDate.digits(date.day, 2))",
      time
    )
  }
}
