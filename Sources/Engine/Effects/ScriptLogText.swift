/// A text that a script wants in the log: as long as a line may be, and on one line, so that no script
/// fills the disk or writes what looks like a line of somebody else.
package struct ScriptLogText: Sendable, CustomStringConvertible {
  /// Bytes of a message.
  package static let messageBytes = 4_096
  /// Bytes of the name or value of a field.
  package static let fieldBytes = 1_024
  /// Fields of one line; more are left out.
  package static let fields = 32

  package let description: String

  /// The text with a space for each control character, cut to so many bytes.
  package init(_ text: String, limit: Int) {
    var kept = String.UnicodeScalarView()
    var bytes = 0
    for scalar in text.unicodeScalars {
      bytes += UTF8.width(scalar)
      guard bytes <= limit else {
        kept.append("…")
        break
      }
      let isControl = scalar.properties.generalCategory == .control
      kept.append(isControl || scalar == "\u{2028}" || scalar == "\u{2029}" ? " " : scalar)
    }
    description = String(kept)
  }
}
