/// What Discord makes of the names it is sent.
enum ChannelName {
  /// The name as stored for this type: text and announcement channels get lower case, hyphens for
  /// runs of whitespace and hyphens, and no apostrophes; others keep what was sent, outer
  /// whitespace aside.
  static func stored(_ sent: String, type: ChannelType) -> String {
    let trimmed = sent.trimmedOfWhitespace
    guard type.normalisesName else { return trimmed }
    var result = String.UnicodeScalarView()
    for scalar in trimmed.lowercased().unicodeScalars {
      if scalar == "'" || scalar == "\u{2019}" { continue }
      let replaced: Unicode.Scalar = scalar.properties.isWhitespace ? "-" : scalar
      if replaced == "-", result.last == "-" { continue }
      result.append(replaced)
    }
    return String(result)
  }
}

extension String {
  /// The text without whitespace at either end.
  var trimmedOfWhitespace: String {
    var view = Substring(self).unicodeScalars
    while let first = view.first, first.properties.isWhitespace { view.removeFirst() }
    while let last = view.last, last.properties.isWhitespace { view.removeLast() }
    return String(view)
  }
}
