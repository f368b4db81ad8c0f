/// A point in wall-clock time, as Kubernetes writes it: UTC, to the second in `metadata`, to the
/// microsecond in `MicroTime` fields.
package struct KubeTime: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  package var microseconds: Int64

  /// A time by its microseconds since 1970.
  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// A time by its whole seconds since 1970.
  package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

  /// Parses RFC 3339, with or without a fraction; nil for any other text.
  package init?(parsing text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] == 84 || bytes[10] == 116,
      bytes[13] == 58, bytes[16] == 58,
      let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
      let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
      let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19]),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var rest = bytes[19...]
    var fraction: Int64 = 0
    if rest.first == 46 {
      rest = rest.dropFirst()
      let digits = rest.prefix { $0 >= 48 && $0 <= 57 }
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
      fraction = Self.number((digits + [48, 48, 48, 48, 48, 48]).prefix(6)) ?? 0
    }
    guard let offset = Self.offset(rest) else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    microseconds = seconds * 1_000_000 + fraction
  }

  package static func < (left: KubeTime, right: KubeTime) -> Bool {
    left.microseconds < right.microseconds
  }

  /// Whole seconds since 1970, rounded down.
  package var seconds: Int64 {
    microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
  }

  /// `2026-01-31T12:00:00Z`, as `metav1.Time`.
  package var text: String { "\(dateAndTime)Z" }

  /// `2026-01-31T12:00:00.123456Z`, as `metav1.MicroTime`.
  package var microText: String {
    let fraction = String(microseconds - seconds * 1_000_000)
    return "\(dateAndTime).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)Z"
  }

  private var dateAndTime: String {
    let ofDay = ((seconds % 86_400) + 86_400) % 86_400
    let (year, month, day) = Self.civil(days: (seconds - ofDay) / 86_400)
    let date = "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))"
    let hour = Self.pad(ofDay / 3_600, 2)
    return "\(date)T\(hour):\(Self.pad(ofDay / 60 % 60, 2)):\(Self.pad(ofDay % 60, 2))"
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    for digit in digits {
      guard digit >= 48, digit <= 57 else { return nil }
      value = value * 10 + Int64(digit - 48)
    }
    return value
  }

  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let zone = Array(bytes)
    if zone == [90] || zone == [122] { return 0 }
    guard zone.count == 6, zone[3] == 58, zone[0] == 43 || zone[0] == 45,
      let hours = number(zone[1..<3]), let minutes = number(zone[4..<6])
    else { return nil }
    return (zone[0] == 45 ? -1 : 1) * (hours * 3_600 + minutes * 60)
  }

  // Howard Hinnant's days_from_civil and civil_from_days, for the proleptic Gregorian calendar.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthShifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthShifted + 2) / 5 + 1
    let month = monthShifted + (monthShifted < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
