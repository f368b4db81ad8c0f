package import JSONValue

/// A Discord identifier: `(milliseconds − 1420070400000) << 22 | worker(5) | process(5) |
/// increment(12)`. Always a decimal string in JSON, for it exceeds 2^53.
package struct Snowflake: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Milliseconds from the Unix epoch to Discord's own, 2015-01-01T00:00:00Z.
  package static let discordEpoch: Int64 = 1_420_070_400_000

  /// All 64 bits.
  package let raw: UInt64

  /// An identifier by its bits.
  package init(_ raw: UInt64) { self.raw = raw }

  /// An identifier by its text: 1 to 20 ASCII digits; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let digits = text.utf8
    guard (1...20).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
      let raw = UInt64(text)
    else { return nil }
    self.raw = raw
  }

  /// The identifier in a JSON string, or in a small JSON number, which Discord also accepts.
  package init?(json: JSONValue?) {
    switch json {
    case .string(let text)?: self.init(text)
    case .integer(let number)? where number >= 0: self.init(UInt64(number))
    default: return nil
    }
  }

  package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }

  package var description: String { String(raw) }

  /// The JSON form: a string.
  package var json: JSONValue { .string(String(raw)) }

  /// When the identifier was made, to the millisecond.
  package var time: SimulatedTime {
    SimulatedTime(milliseconds: Int64(raw >> 22) + Snowflake.discordEpoch)
  }
}

/// Makes identifiers that rise with the clock and never repeat, even when the clock stands still.
package struct SnowflakeSource: Sendable {
  /// The highest identifier made or seen.
  package var last: UInt64 = 0

  /// A source that starts below every identifier.
  package init() {}

  /// The next identifier at this time.
  package mutating func next(at now: SimulatedTime) -> Snowflake {
    let fromClock = UInt64(max(0, now.milliseconds - Snowflake.discordEpoch)) << 22
    last = max(fromClock, last + 1)
    return Snowflake(last)
  }

  /// Keeps later identifiers above one that came from elsewhere, such as a loaded state.
  package mutating func note(_ seen: Snowflake) { last = max(last, seen.raw) }
}

extension Optional where Wrapped == Snowflake {
  /// The JSON form: a string or null.
  var json: JSONValue { self?.json ?? .null }
}
