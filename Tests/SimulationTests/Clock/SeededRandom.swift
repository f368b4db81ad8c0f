import Synchronization

/// Steele and others' SplitMix64: small, and the same on every machine.
struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x2545_f491_4f6c_dd1d &+ 0x9e37_79b9_7f4a_7c15 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// 0 up to 1.
  mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}

/// Chance that several parts draw from.
final class Dice: Sendable {
  private let random: Mutex<SeededRandom>

  init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

  /// 0 up to 1.
  func unit() -> Double { random.withLock { $0.unit() } }

  /// Whole milliseconds within a range.
  func milliseconds(_ range: ClosedRange<Int>) -> Duration {
    .milliseconds(random.withLock { Int.random(in: range, using: &$0) })
  }

  /// A whole number from 0 up to but not including the bound.
  func number(below bound: Int) -> Int { random.withLock { Int.random(in: 0..<bound, using: &$0) } }

  /// One of several.
  func pick<Element: Sendable>(_ elements: [Element]) -> Element {
    elements[number(below: elements.count)]
  }
}
