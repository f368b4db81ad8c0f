import JSONValue

/// A request to the control API, or a saved state, that makes no sense: the request is answered
/// with 400 and the text, and changes nothing.
package struct ControlError: Error, Sendable, Hashable {
  /// What is wrong with it.
  package var message: String

  /// A complaint with its text.
  package init(message: String) { self.message = message }

  /// One of the texts of an enumeration, or a complaint that lists them.
  static func choice<Choice: RawRepresentable & CaseIterable>(
    _ value: JSONValue, _ key: String
  ) throws(ControlError) -> Choice where Choice.RawValue == String {
    guard let choice = value.stringValue.flatMap(Choice.init(rawValue:)) else {
      let list = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw ControlError(message: "\"\(key)\" must be one of \(list)")
    }
    return choice
  }
}
