/// A point of the simulator's clock: microseconds since the Unix epoch. The pure parts are handed
/// one with every call and never ask for the time themselves.
package struct SimulatedTime: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  package var microseconds: Int64

  /// A point in time by microseconds since the Unix epoch.
  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// A point in time by milliseconds since the Unix epoch.
  package init(milliseconds: Int64) { microseconds = milliseconds * 1_000 }

  /// Microseconds that a saved state may have: up to the year 2106.
  static let savable: ClosedRange<Int64> = 0...(4_294_967_296 * 1_000_000)

  /// Milliseconds since the Unix epoch, rounded down: what a snowflake carries.
  package var milliseconds: Int64 { microseconds / 1_000 }

  /// Seconds since the Unix epoch.
  package var seconds: Double { Double(microseconds) / 1_000_000 }

  package static func < (left: Self, right: Self) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The point `duration` later.
  package func advanced(by duration: Duration) -> SimulatedTime {
    SimulatedTime(microseconds: microseconds + duration.wholeMicroseconds)
  }

  /// RFC 3339 in UTC with microseconds, as Discord writes timestamps.
  package var rfc3339: String {
    let civil = CivilTime(self)
    let fraction = padded(microseconds % 1_000_000, to: 6)
    return "\(civil.date)T\(civil.timeOfDay).\(fraction)+00:00"
  }

  /// The form of HTTP's Date header (RFC 9110, section 5.6.7).
  package var httpDate: String {
    let civil = CivilTime(self)
    let day = padded(civil.day, to: 2)
    return "\(civil.weekdayName), \(day) \(civil.monthName) \(civil.year) \(civil.timeOfDay) GMT"
  }
}

extension Duration {
  /// Whole microseconds, rounded down.
  var wholeMicroseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }
}

/// Date and time of day in UTC.
private struct CivilTime {
  var year: Int64
  var month: Int64
  var day: Int64
  var weekday: Int64
  var secondOfDay: Int64

  /// Howard Hinnant's "civil from days", valid for every year the simulator can meet.
  init(_ time: SimulatedTime) {
    let seconds = time.microseconds / 1_000_000
    let days = seconds / 86_400
    secondOfDay = seconds % 86_400
    weekday = (days + 4) % 7
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var date: String { "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))" }

  var timeOfDay: String {
    let hour = padded(secondOfDay / 3_600, to: 2)
    let minute = padded(secondOfDay / 60 % 60, to: 2)
    return "\(hour):\(minute):\(padded(secondOfDay % 60, to: 2))"
  }

  var weekdayName: String {
    ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(weekday)]
  }

  var monthName: String {
    [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ][Int(month - 1)]
  }
}

private func padded(_ number: Int64, to width: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}
