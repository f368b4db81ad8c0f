import Glibc

/// Microseconds of processor time of this thread: other programs on the machine do not count.
func processorMicroseconds() -> Double { microseconds(of: CLOCK_THREAD_CPUTIME_ID) }

/// Microseconds of a clock that only goes forward.
func clockMicroseconds() -> Double { microseconds(of: CLOCK_MONOTONIC) }

private func microseconds(of clock: clockid_t) -> Double {
  var time = timespec()
  unsafe clock_gettime(clock, &time)
  return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

/// What one call of each body costs in microseconds of processor time: the median over rounds in
/// which the bodies take turns, so that a machine that gets slower gets slower for all of them.
func medians(rounds: Int, calls: Int, _ bodies: [() throws -> Void]) throws -> [Double] {
  var samples = [[Double]](repeating: [], count: bodies.count)
  for body in bodies { for _ in 0..<calls { try body() } }
  for _ in 0..<rounds {
    for (index, body) in bodies.enumerated() {
      let began = processorMicroseconds()
      for _ in 0..<calls { try body() }
      samples[index].append((processorMicroseconds() - began) / Double(calls))
    }
  }
  return samples.map { percentile(50, of: $0) }
}

/// The smallest value that so many of a hundred samples do not exceed.
func percentile(_ percent: Double, of samples: [Double]) -> Double {
  guard !samples.isEmpty else { return .nan }
  let sorted = samples.sorted()
  let rank = (percent / 100 * Double(sorted.count)).rounded(.up)
  return sorted[min(max(Int(rank) - 1, 0), sorted.count - 1)]
}

extension Double {
  /// Fixed to so many digits and padded to a column.
  func column(_ digits: Int = 1, width: Int = 10) -> String {
    guard isFinite else { return String(repeating: " ", count: width - 1) + "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((self * scale).rounded())
    let text: String
    if digits == 0 {
      text = "\(scaled)"
    } else {
      let fraction = String(abs(scaled) % Int(scale))
      let zeros = String(repeating: "0", count: digits - fraction.count)
      text = "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int(scale)).\(zeros)\(fraction)"
    }
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

extension String {
  /// Padded to a column.
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
