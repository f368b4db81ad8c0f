/// Text of an XML document.
package enum XMLText {
  /// The text as it stands in an attribute or between tags.
  ///
  /// What XML 1.0 has no way to write becomes U+FFFD. A line's end is a reference: as it is, a reader
  /// of an attribute would make a space of it.
  package static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t", "\r": result += "&#\(scalar.value);"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
