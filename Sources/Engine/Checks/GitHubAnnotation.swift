/// Workflow commands of GitHub, which it shows at the line of a file (docs.github.com, "Workflow commands
/// for GitHub Actions").
package enum GitHubAnnotation {
  /// The command for something wrong, with its line's end.
  ///
  /// - Parameters:
  ///   - file: from the checkout's root, so that GitHub finds it.
  ///   - line: counted from 1, as is `column`.
  package static func error(
    file: String, line: Int, column: Int? = nil, title: String, message: String
  ) -> String {
    "::error file=\(escaped(file, isProperty: true)),line=\(line),"
      + (column.map { "col=\($0)," } ?? "")
      + "title=\(escaped(title, isProperty: true))::\(escaped(message, isProperty: false))\n"
  }

  private static func escaped(_ text: String, isProperty: Bool) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
