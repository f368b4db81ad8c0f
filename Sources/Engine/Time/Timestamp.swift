import KubeWatch

/// A point in time as Kubernetes writes it: RFC 3339 in UTC.
package struct Timestamp: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  package let millisecondsSince1970: Int64

  /// Makes a timestamp from milliseconds since 1970.
  package init(millisecondsSince1970: Int64) {
    self.millisecondsSince1970 = millisecondsSince1970
  }

  /// The machine's wall clock.
  package static func now() -> Timestamp {
    let time = WallTime.now()
    return Timestamp(millisecondsSince1970: time.seconds * 1000 + time.nanoseconds / 1_000_000)
  }

  /// Reads `2026-11-23T14:45:00Z`, with or without a fraction, with `Z` or an offset.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    func digits(_ start: Int, _ count: Int) -> Int64? {
      guard start + count <= bytes.count else { return nil }
      var number: Int64 = 0
      for byte in bytes[start..<start + count] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        number = number * 10 + Int64(byte - UInt8(ascii: "0"))
      }
      return number
    }
    guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let year = digits(0, 4), let month = digits(5, 2), (1...12).contains(month),
      let day = digits(8, 2), (1...31).contains(day), let hour = digits(11, 2), hour < 24,
      let minute = digits(14, 2), minute < 60, let second = digits(17, 2), second < 61
    else { return nil }
    var position = 19
    var milliseconds: Int64 = 0
    if bytes[position] == UInt8(ascii: ".") {
      var scale: Int64 = 100
      position += 1
      while position < bytes.count, let digit = digits(position, 1) {
        milliseconds += digit * scale
        scale /= 10
        position += 1
      }
    }
    guard position < bytes.count else { return nil }
    var offset: Int64 = 0
    switch bytes[position] {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): guard position + 1 == bytes.count else { return nil }
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard position + 6 == bytes.count, let hours = digits(position + 1, 2),
        let minutes = digits(position + 4, 2)
      else { return nil }
      offset = (hours * 60 + minutes) * (bytes[position] == UInt8(ascii: "-") ? -1 : 1)
    default: return nil
    }
    let days = Self.days(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60
    millisecondsSince1970 = seconds * 1000 + milliseconds
  }

  /// The moment a while later.
  package func advanced(by duration: Duration) -> Timestamp {
    Timestamp(millisecondsSince1970: millisecondsSince1970 + duration.inMilliseconds)
  }

  /// `2026-11-23T14:45:00Z`, the form of conditions.
  package var seconds: String { text(withMilliseconds: false) }

  /// `2026-11-23T14:45:00.123Z`.
  package var milliseconds: String { text(withMilliseconds: true) }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.millisecondsSince1970 < right.millisecondsSince1970
  }

  private func text(withMilliseconds: Bool) -> String {
    let (seconds, fraction) = millisecondsSince1970.flooringDivision(by: 1000)
    let (days, second) = seconds.flooringDivision(by: 86_400)
    let (year, month, day) = WallTime.date(daysSince1970: days)
    return unsafe String(unsafeUninitializedCapacity: 24) { buffer in
      var count = 0
      func put(_ byte: UInt8) {
        unsafe buffer[count] = byte
        count += 1
      }
      func put(_ number: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
          put(UInt8(ascii: "0") + UInt8(number / divisor % 10))
          divisor /= 10
        }
      }
      // RFC 3339 has no other years.
      put(min(max(year, 0), 9999), digits: 4)
      put(UInt8(ascii: "-"))
      put(month, digits: 2)
      put(UInt8(ascii: "-"))
      put(day, digits: 2)
      put(UInt8(ascii: "T"))
      put(second / 3600, digits: 2)
      put(UInt8(ascii: ":"))
      put(second / 60 % 60, digits: 2)
      put(UInt8(ascii: ":"))
      put(second % 60, digits: 2)
      if withMilliseconds {
        put(UInt8(ascii: "."))
        put(fraction, digits: 3)
      }
      put(UInt8(ascii: "Z"))
      return count
    }
  }

  /// Days since 1970 of a civil date, counting years from March so that leap days come last.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.flooringDivision(by: 400).quotient
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

extension Int64 {
  /// Division that rounds down, so that times before 1970 work as well.
  fileprivate func flooringDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    var (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    if remainder < 0 {
      quotient -= 1
      remainder += divisor
    }
    return (quotient, remainder)
  }
}
