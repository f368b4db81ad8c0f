package import LuaBridge

/// Where the cases of a file stand: the first line that has a case's name between quotation marks.
package struct CaseLines: Sendable {
  private let lines: [String: Int]

  /// Looks through a file once for all of its cases.
  package init(of names: some Sequence<String>, in source: ScriptSource) {
    let names = Set(names)
    let marks = [UInt8(ascii: "\""), UInt8(ascii: "'")]
    var lines: [String: Int] = [:]
    let text = source.text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in text.enumerated() {
      for mark in marks where line.contains(mark) {
        // What comes before the first mark or after the last is between none.
        let parts = line.split(separator: mark, omittingEmptySubsequences: false)
        for part in parts.dropFirst().dropLast() {
          let part = String(decoding: part, as: UTF8.self)
          if names.contains(part), lines[part] == nil { lines[part] = index + 1 }
        }
      }
    }
    self.lines = lines
  }

  /// Counted from 1; nil when the file's script puts the name together.
  package subscript(name: String) -> Int? { lines[name] }
}
