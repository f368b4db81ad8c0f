import Glibc

/// A moment in UTC, as Kubernetes writes it into objects.
package struct WallTime: Sendable, Hashable, Comparable {
  /// Seconds since 1970.
  package let seconds: Int64
  /// 0 to 999,999,999.
  package let nanoseconds: Int64

  package init(seconds: Int64, nanoseconds: Int64 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// The system's clock.
  package static func now() -> WallTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
  }

  /// RFC 3339 in whole seconds, `2026-01-31T12:00:00Z`: the form of Kubernetes' `Time`.
  package var text: String {
    let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let secondOfDay = rest < 0 ? rest + 86_400 : rest
    let (year, month, day) = Self.date(daysSince1970: rest < 0 ? days - 1 : days)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let paddedYear = String(repeating: "0", count: max(0, 4 - "\(year)".count)) + "\(year)"
    return "\(paddedYear)-\(two(month))-\(two(day))T\(two(secondOfDay / 3600)):"
      + "\(two(secondOfDay % 3600 / 60)):\(two(secondOfDay % 60))Z"
  }

  package static func < (left: WallTime, right: WallTime) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// The proleptic Gregorian date, counted in 400-year eras that begin on 1 March, so that the leap
  /// day is the last of its year.
  package static func date(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = daysSince1970 + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
