/// A Discord ID: 1 to 20 decimal digits that fit 64 bits. Kept as text everywhere else, because it
/// exceeds what a double holds; this form is the compact key of indexes.
package struct Snowflake: Sendable, Hashable {
  /// The number.
  package let value: UInt64

  /// The ID in a text of digits; nil for anything else.
  package init?(_ text: some StringProtocol) {
    self.init(digits: text.utf8)
  }

  /// The ID in ASCII digits; nil for anything else.
  package init?(digits: some Sequence<UInt8>) {
    var number: UInt64 = 0
    var count = 0
    for digit in digits {
      guard digit >= 0x30, digit <= 0x39 else { return nil }
      let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = product.addingReportingOverflow(UInt64(digit - 0x30))
      guard !tooLarge, !overflow else { return nil }
      number = sum
      count += 1
    }
    guard count > 0 else { return nil }
    value = number
  }

  /// The decimal text.
  package var text: String { String(value) }
}
