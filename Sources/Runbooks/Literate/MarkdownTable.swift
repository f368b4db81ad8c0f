/// A table of GitHub's markdown; what a cell holds cannot break it.
struct MarkdownTable {
  private let head: [String]
  private let rows: [[String]]

  init(_ head: [String], _ rows: [[String]]) {
    self.head = head
    self.rows = rows
  }

  /// The table's lines.
  var text: String {
    let lines = [head, head.map { _ in "---" }] + rows
    return lines.map { "| \($0.map(Self.cell).joined(separator: " | ")) |\n" }.joined()
  }

  private static func cell(_ text: String) -> String {
    text.reduce(into: "") { cell, character in
      switch character {
      case "|": cell += "\\|"
      case _ where character.isNewline: cell += " "
      default: cell.append(character)
      }
    }
  }
}
