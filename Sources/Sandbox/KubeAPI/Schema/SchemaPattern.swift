/// Regular expressions of schemas. CRDs use Go's RE2; what they use of it means the same in Swift.
enum SchemaPattern {
  /// Whether a text contains a match; a pattern that cannot be compiled accepts everything, because
  /// it was checked when the CRD was accepted.
  static func matches(_ pattern: String, _ text: String) -> Bool {
    guard let expression = try? Regex(pattern).matchingSemantics(.unicodeScalar) else {
      return true
    }
    return text.contains(expression)
  }

  /// Why a pattern cannot be used; nil when it can.
  static func problem(_ pattern: String) -> String? {
    do {
      _ = try Regex(pattern)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
