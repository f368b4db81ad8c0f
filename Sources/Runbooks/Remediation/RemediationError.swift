/// A plan that can't be carried out, found before anything is changed.
package struct RemediationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where, what is wrong and what would be right.
  package let message: String

  package init(_ message: String) { self.message = message }

  package var description: String { message }
}
