/// The name that was probably meant.
package enum Suggestion {
  /// "; 'topic' is meant?" or nothing.
  static func text(for name: String, among known: Set<String>) -> String {
    nearest(to: name, among: known, atMost: { max(1, min(name.count, $0.count) / 3) })
      .map { "; '\($0)' is meant?" } ?? ""
  }

  /// The known name that differs least, upper and lower case being alike.
  ///
  /// - Parameter limit: how many letters may be put in, taken out or exchanged; told the known name.
  package static func nearest(
    to name: String, among known: Set<String>, atMost limit: (String) -> Int
  ) -> String? {
    let best = known.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return best.flatMap { $0.distance <= limit($0.name) ? $0.name : nil }
  }

  /// How many letters must be put in, taken out or exchanged.
  private static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    var row = Array(0...right.count)
    for (place, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = place + 1
      for (column, other) in right.enumerated() {
        let above = row[column + 1]
        row[column + 1] = min(diagonal + (letter == other ? 0 : 1), above + 1, row[column] + 1)
        diagonal = above
      }
    }
    return row[right.count]
  }
}
