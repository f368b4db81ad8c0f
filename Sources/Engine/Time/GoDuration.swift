/// Durations in Go's notation, which Kubernetes users write: `1m30s`, `500ms`, `2h`.
package enum GoDuration {
  /// The duration, or nil when the text is not one.
  package static func parse(_ text: String) -> Duration? {
    var rest = Substring(text)
    guard !rest.isEmpty else { return nil }
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let number = Double(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter || $0 == "µ" }
      guard let seconds = units[String(unit)] else { return nil }
      rest = rest.dropFirst(unit.count)
      total += number * seconds
    }
    return .milliseconds(Int64(total * 1000))
  }

  private static let units: [String: Double] = [
    "ms": 0.001, "s": 1, "m": 60, "h": 3600, "us": 0.000_001, "µs": 0.000_001,
  ]
}

extension Duration {
  /// The duration in seconds.
  package var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }

  /// The duration in whole milliseconds.
  package var inMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }

  /// The duration times a factor.
  package func scaled(by factor: Double) -> Duration {
    .nanoseconds(Int64(inSeconds * factor * 1e9))
  }
}
