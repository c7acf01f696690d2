/// The one date format HTTP is written in (IMF-fixdate, RFC 9110 5.6.7), from a clock somebody else reads.
package enum HTTPDate {
  private static let days: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  /// The format has four digits for the year.
  static let expressible = -62_167_219_200...253_402_300_799

  /// Such as `Sun, 06 Nov 1994 08:49:37 GMT`; a time outside the years 0 to 9999 counts as the nearest inside.
  package static func text(unixSeconds: Int) -> String {
    let seconds = min(max(unixSeconds, self.expressible.lowerBound), self.expressible.upperBound)
    let day = Self.floor(seconds, 86_400)
    let date = Self.civil(day: day.quotient)
    var text = "\(self.days[Self.floor(day.quotient, 7).remainder]), "
    text += "\(Self.digits(date.day, 2)) \(self.months[date.month - 1]) \(Self.digits(date.year, 4)) "
    text += "\(Self.digits(day.remainder / 3600, 2)):\(Self.digits(day.remainder / 60 % 60, 2))"
    text += ":\(Self.digits(day.remainder % 60, 2)) GMT"
    return text
  }

  static func floor(_ value: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  /// Proleptic Gregorian date of a day counted from 1970-01-01, by way of years that begin in March, so that the
  /// leap day is the last of its year, and eras of 400 years, which all have 146,097 days.
  static func civil(day: Int) -> (year: Int, month: Int, day: Int) {
    let era = Self.floor(day + 719_468, 146_097)
    let dayOfEra = era.remainder
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * dayOfYear + 2) / 153
    let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    let year = yearOfEra + era.quotient * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
  }

  static func digits(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
