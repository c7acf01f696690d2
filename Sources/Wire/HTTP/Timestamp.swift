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
