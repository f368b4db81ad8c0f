/// A text that is not JSON: malformed, not UTF-8, nested deeper than 128, or with a number beyond
/// 64 bits.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, in simdjson's words.
  package let message: String

  /// Makes an error with its text.
  package init(message: String) {
    self.message = message
  }

  package var description: String { "not valid JSON: \(message)" }
}
